import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite(.enabled(if: HTTPTLSServer.isAvailable)) struct HTTPTLSTests {
    static func client(trusting file: String) -> CurlHTTPClient {
        var options = CurlHTTPClient.Options()
        options.readCertificates(from: ["SSL_CERT_FILE": file])
        return CurlHTTPClient(options: options)
    }

    @Test func `a certificate of a trusted authority is accepted`() async throws {
        let server = try HTTPTLSServer(name: "IP:127.0.0.1")
        let client = Self.client(trusting: server.caFile)
        let response = try await client.send(HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
        #expect(response.status == 200)
    }

    @Test func `an unknown authority is refused before anything is sent`() async throws {
        let server = try HTTPTLSServer(name: "IP:127.0.0.1")
        let failure = await HTTPClientTests.failure(
            CurlHTTPClient(), HTTPRequest(.post, "https://127.0.0.1:\(server.port)/", body: [1]))
        #expect(failure?.kind == .tls)
        #expect(failure?.reachedServer == false)
        #expect(failure?.detail.contains("certificate") == true)
    }

    @Test func `a certificate for another name is refused before anything is sent`() async throws {
        let server = try HTTPTLSServer(name: "DNS:elsewhere.example")
        let failure = await HTTPClientTests.failure(
            Self.client(trusting: server.caFile), HTTPRequest(.post, "https://127.0.0.1:\(server.port)/"))
        #expect(failure?.kind == .tls)
        #expect(failure?.reachedServer == false)
    }

    @Test func `a file of authorities that is not there is an error, never a way around`() async throws {
        let server = try HTTPTLSServer(name: "IP:127.0.0.1")
        let failure = await HTTPClientTests.failure(
            Self.client(trusting: "/nonexistent/ca.pem"), HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
        #expect(failure?.kind == .tls)
        #expect(failure?.reachedServer == false)
    }

    @Test func `a server that does not speak TLS is sent nothing`() async throws {
        let server = try HTTPTestServer { _ in .answer(200) }
        let stopped = Task {
            // It waits for a request that never comes; ending it is what a real one does after a while.
            _ = await eventually { server.counts.open == 1 }
            server.dropConnections()
        }
        let failure = await HTTPClientTests.failure(
            CurlHTTPClient(options: .init(connectTimeout: .seconds(600))),
            HTTPRequest(.post, "https://127.0.0.1:\(server.port)/", timeout: .seconds(600)))
        await stopped.value
        #expect(failure?.kind == .tls)
        #expect(failure?.reachedServer == false)
        #expect(server.counts.requests == 0)
    }

    @Test func `the variables of the curl command choose the authorities, in its order`() {
        var options = CurlHTTPClient.Options()
        options.readCertificates(from: ["SSL_CERT_FILE": "b", "CURL_CA_BUNDLE": "a", "SSL_CERT_DIR": "d"])
        #expect(options.caFile == "a")
        #expect(options.caDirectory == "d")
        options = CurlHTTPClient.Options()
        options.readCertificates(from: ["SSL_CERT_FILE": "b", "CURL_CA_BUNDLE": ""])
        #expect(options.caFile == "b")
        #expect(options.caDirectory == nil)
    }
}
