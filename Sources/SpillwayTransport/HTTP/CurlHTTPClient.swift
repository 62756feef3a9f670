internal import CCurl
package import SpillwayCore
internal import Synchronization

/// HTTP by libcurl: one loop thread carries all transfers over shared, kept-alive connections.
///
/// The thread starts with the first request and ends with the client. TLS is always verified, redirects are results,
/// and nothing is ever sent a second time on its own, whatever happens to a kept-alive connection; a GET excepted.
package final class CurlHTTPClient: HTTPStreaming {
    package struct Options: Sendable, Hashable {
        /// Transfers at a time to one host; further ones wait, and their timeout starts when they do.
        package var connectionsPerHost: Int
        package var connectTimeout: Duration
        package var maxBodyBytes: Int
        /// How long a connection may have idled and still be used: the other side may be closing it as we send.
        package var maxIdle: Duration
        package var userAgent: String
        /// PEM files of certificate authorities in the place of the system's; nil takes the system's.
        package var caFile: String?
        package var caDirectory: String?

        package init(
            connectionsPerHost: Int = 16, connectTimeout: Duration = .seconds(10), maxBodyBytes: Int = 32 << 20,
            maxIdle: Duration = .seconds(20),
            userAgent: String = "spillway", caFile: String? = nil, caDirectory: String? = nil
        ) {
            self.connectionsPerHost = connectionsPerHost
            self.connectTimeout = connectTimeout
            self.maxBodyBytes = maxBodyBytes
            self.maxIdle = maxIdle
            self.userAgent = userAgent
            self.caFile = caFile
            self.caDirectory = caDirectory
        }

        /// The variables the `curl` command reads, in its order; proxies libcurl reads by itself.
        package mutating func readCertificates(from environment: [String: String]) {
            func named(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
            caFile = named("CURL_CA_BUNDLE") ?? named("SSL_CERT_FILE") ?? caFile
            caDirectory = named("SSL_CERT_DIR") ?? caDirectory
        }
    }

    private let options: Options
    private let loop = Mutex<CurlLoop?>(nil)

    package init(options: Options = Options()) {
        self.options = options
    }

    deinit { loop.withLock { $0?.stop() } }

    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        try await carry(try CurlTransfer(request, options: options))
    }

    package func stream(
        _ request: HTTPRequest, into sink: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(HTTPFailure) -> HTTPResponse {
        try await carry(try CurlTransfer(request, options: options, sink: sink))
    }

    private func carry(_ transfer: CurlTransfer) async throws(HTTPFailure) -> HTTPResponse {
        let loop = try startedLoop()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { loop.add(transfer, $0) }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try result.get()
    }

    private func startedLoop() throws(HTTPFailure) -> CurlLoop {
        try loop.withLock { (loop) throws(HTTPFailure) -> CurlLoop in
            if let loop { return loop }
            let started = try CurlLoop(connectionsPerHost: max(1, options.connectionsPerHost))
            started.start()
            loop = started
            return started
        }
    }
}
