import Foundation
import SpillwayCore
import SpillwayTransport
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPConnectionTests {
    @Test func `one connection carries requests that follow each other`() async throws {
        let server = try HTTPTestServer { .answer(200, body: $0.path) }
        let client = CurlHTTPClient(options: .init(maxIdle: .seconds(3600)))
        for number in 0..<30 {
            let method = HTTPRequest.Method.allCases[number % 5]
            #expect(try await client.send(HTTPRequest(method, server.url + "/\(number)")).status == 200)
        }
        #expect(server.counts.accepted == 1)
        #expect(server.counts.requests == 30)
    }

    @Test func `a connection that was closed while idle costs no request`() async throws {
        let server = try HTTPTestServer { _ in .answerThenClose(200, body: "x") }
        let client = CurlHTTPClient()
        for number in 1...5 {
            #expect(try await client.send(HTTPRequest(.post, server.url)).status == 200)
            #expect(await eventually { server.counts.open == 0 })
            #expect(server.counts.requests == number)
        }
    }

    @Test(arguments: HTTPRequest.Method.allCases)
    func `a kept-alive connection that dies under a change does not send it twice`(method: HTTPRequest.Method)
        async throws
    {
        // The second request of a connection is read, perhaps acted upon, and never answered.
        let seen = Mutex<[Int: Int]>([:])
        let server = try HTTPTestServer { request in
            let count = seen.withLock { seen in
                seen[request.connection, default: 0] += 1
                return seen[request.connection] ?? 0
            }
            return count == 2 ? .raw([]) : .answer(200)
        }
        // However long this machine takes between the two.
        let client = CurlHTTPClient(options: .init(maxIdle: .seconds(3600)))
        #expect(try await client.send(HTTPRequest(.get, server.url)).status == 200)
        if method.isMutating {
            let failure = await HTTPClientTests.failure(client, HTTPRequest(method, server.url, body: [1]))
            #expect(failure?.kind == .cutOff)
            #expect(failure?.reachedServer == true)
            #expect(server.counts.requests == 2)
        } else {
            #expect(try await client.send(HTTPRequest(method, server.url)).status == 200)
            #expect(server.counts.requests == 3)
        }
    }

    @Test func `200 requests at once use 16 connections and no more`() async throws {
        let gate = HTTPGate()
        let server = try HTTPTestServer { request in
            gate.wait()
            return .answer(200, body: request.path)
        }
        defer { gate.open() }
        let client = CurlHTTPClient()
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await client.send(
                        HTTPRequest(.get, server.url + "/\(number)", timeout: .seconds(600)))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            #expect(await eventually { server.counts.inHandler == 16 })
            gate.open()
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(bodies == Set((0..<200).map { "/\($0)" }))
        #expect(server.counts.requests == 200)
        #expect(server.counts.peakInHandler == 16)
        #expect(server.counts.accepted == 16)
    }

    @Test func `a host that hangs does not hold up another`() async throws {
        let stuck = try HTTPTestServer { _ in .silence }
        let brisk = try HTTPTestServer { _ in .answer(200) }
        var options = CurlHTTPClient.Options()
        options.connectionsPerHost = 2
        let client = CurlHTTPClient(options: options)
        let hanging = (0..<6).map { _ in
            Task { try await client.send(HTTPRequest(.get, stuck.url, timeout: .seconds(600))) }
        }
        #expect(await eventually { stuck.counts.requests == 2 })
        for _ in 0..<10 { #expect(try await client.send(HTTPRequest(.get, brisk.url)).status == 200) }
        #expect(stuck.counts.accepted == 2)
        for task in hanging { task.cancel() }
        for task in hanging { await #expect(throws: HTTPFailure.self) { try await task.value } }
    }

    @Test func `a waiting request starts when a failed one leaves its place`() async throws {
        let server = try HTTPTestServer { $0.path == "/bad" ? .raw([]) : .answer(200) }
        var options = CurlHTTPClient.Options()
        options.connectionsPerHost = 1
        let client = CurlHTTPClient(options: options)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let response = try? await client.send(
                        HTTPRequest(.post, server.url + (number % 2 == 0 ? "/bad" : "/good")))
                    #expect((response == nil) == (number % 2 == 0))
                }
            }
        }
        #expect(server.counts.peakInHandler == 1)
    }

    @Test func `dropping the client closes its connections`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        do {
            let client = CurlHTTPClient()
            #expect(try await client.send(HTTPRequest(.get, server.url)).status == 200)
            #expect(server.counts.open == 1)
        }
        #expect(await eventually { server.counts.open == 0 })
    }

    @Test func `clients that come and go leave no thread and no descriptor behind`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let rounds = 1000
        for _ in 0..<rounds {
            #expect(try await CurlHTTPClient().send(HTTPRequest(.get, server.url)).status == 200)
        }
        // Other tests run beside this one; a leak would leave at least one of each per round.
        @Sendable func entries(_ path: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? .max
        }
        #expect(await eventually { entries("/proc/self/task") < rounds && entries("/proc/self/fd") < rounds })
        #expect(await eventually { server.counts.open == 0 })
    }

    @Test func `a client that is never used starts nothing`() {
        // Ending one that never started must not wait for a thread or touch a handle.
        for _ in 0..<10_000 { _ = CurlHTTPClient() }
    }
}
