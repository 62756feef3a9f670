import SpillwayCore
import SpillwayTransport
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPCancellationTests {
    @Test func `a task cancelled before it sends reaches nobody`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let client = CurlHTTPClient()
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream {}
            return try await client.send(HTTPRequest(.post, server.url, timeout: .seconds(600)))
        }
        task.cancel()
        gate.continuation.finish()
        let failure = await #expect(throws: HTTPFailure.self) { try await task.value }
        #expect(failure?.kind == .cancelled)
        #expect(failure?.reachedServer == false)
        #expect(server.counts.requests == 0)
    }

    @Test func `a task cancelled in the middle says that the server may have acted, and hangs up`() async throws {
        let server = try HTTPTestServer { _ in .silence }
        let client = CurlHTTPClient()
        let task = Task { try await client.send(HTTPRequest(.post, server.url, timeout: .seconds(600))) }
        #expect(await eventually { server.counts.requests == 1 })
        task.cancel()
        let failure = await #expect(throws: HTTPFailure.self) { try await task.value }
        #expect(failure?.kind == .cancelled)
        #expect(failure?.reachedServer == true)
        #expect(await eventually { server.counts.abandoned == 1 && server.counts.open == 0 })
    }

    @Test func `a task cancelled while it waits for its turn reaches nobody`() async throws {
        let server = try HTTPTestServer { _ in .silence }
        var options = CurlHTTPClient.Options()
        options.connectionsPerHost = 1
        let client = CurlHTTPClient(options: options)
        let first = Task { try await client.send(HTTPRequest(.get, server.url, timeout: .seconds(600))) }
        #expect(await eventually { server.counts.requests == 1 })
        let waiting = (0..<20).map { _ in
            Task { try await client.send(HTTPRequest(.post, server.url, timeout: .seconds(600))) }
        }
        for task in waiting { task.cancel() }
        for task in waiting {
            let failure = await #expect(throws: HTTPFailure.self) { try await task.value }
            #expect(failure == HTTPFailure(.cancelled, reachedServer: false, detail: "cancelled"))
        }
        first.cancel()
        await #expect(throws: HTTPFailure.self) { try await first.value }
        #expect(server.counts.requests == 1)
    }

    @Test func `a task cancelled after its answer keeps it`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let client = CurlHTTPClient()
        let task = Task { try await client.send(HTTPRequest(.get, server.url)) }
        #expect(try await task.value.status == 200)
        task.cancel()
        #expect(try await task.value.status == 200)
        #expect(try await client.send(HTTPRequest(.get, server.url)).status == 200)
    }

    @Test func `a storm of cancellations ends every request once and leaves the client usable`() async throws {
        let silent = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8)
        let server = try HTTPTestServer { request in
            switch request.body.first ?? 0 {
            case 0: .answer(200, body: "ok")
            case 1: .drip([silent, [1, 2, 3], [4, 5, 6], [7, 8, 9]], pause: 0.005)
            case 2: .raw(silent)
            default: .silence
            }
        }
        let client = CurlHTTPClient()
        var ends: [String: Int] = [:]
        for round in 0..<5 {
            await withTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let request = HTTPRequest(.post, server.url, body: [UInt8(number % 4)], timeout: .seconds(600))
                        do throws(HTTPFailure) {
                            return "\(try await client.send(request).status)"
                        } catch {
                            return error.kind.rawValue
                        }
                    }
                }
                // Some are answered first; the rest are cancelled at whatever point they have come to.
                for _ in 0..<(round * 5) {
                    if let end = await group.next() { ends[end, default: 0] += 1 }
                }
                group.cancelAll()
                for await end in group { ends[end, default: 0] += 1 }
            }
        }
        #expect(ends.values.reduce(0, +) == 1000)
        #expect(Set(ends.keys).isSubset(of: ["200", "cancelled", "cutOff"]))
        #expect(ends["cancelled", default: 0] > 0)
        #expect(await eventually { server.counts.inHandler == 0 && server.counts.open <= 16 })
        #expect(try await client.send(HTTPRequest(.get, server.url)).status == 200)
    }
}
