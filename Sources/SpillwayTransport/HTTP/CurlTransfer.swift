internal import CCurl
internal import Glibc
internal import SpillwayCore
internal import Synchronization

/// One request on its way through libcurl: its easy handle, what the handle points to, and what has come back.
// SAFETY: everything mutable but the atomic flag is touched by the loop thread alone, from `enqueue` on; libcurl calls
// back on that same thread.
final class CurlTransfer: @unchecked Sendable {
    enum Phase {
        case new, waiting, running, finished
    }

    private static let maxHeaderBytes = 256 << 10
    private static let mostRoom = 16 << 20

    let request: HTTPRequest
    let target: HTTPTarget
    let isCancelled = Atomic(false)
    private(set) var phase = Phase.new
    private(set) var easy: UnsafeMutableRawPointer?

    private let options: CurlHTTPClient.Options
    private var continuation: CurlLoop.Continuation?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var resolveList: UnsafeMutablePointer<curl_slist>?
    private var sentBody: UnsafeMutableBufferPointer<UInt8>?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// How often libcurl was about to send the request; none means that the server cannot have seen it.
    private var sends = 0
    private var headers: [HTTPRequest.Header] = []
    private var headerBytes = 0
    private var headersAreComplete = false
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// Takes the body of a 2xx answer instead; see ``HTTPStreaming``.
    private let sink: (@Sendable ([UInt8]) -> Bool)?
    private var hasEnough = false

    /// Throws for a request that must not or cannot be sent at all.
    init(
        _ request: HTTPRequest, options: CurlHTTPClient.Options, sink: (@Sendable ([UInt8]) -> Bool)? = nil
    ) throws(HTTPFailure) {
        target = try HTTPTarget(request.url)
        try Self.checkHeaders(request.headers)
        self.request = request
        self.options = options
        self.sink = sink
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        release()
        errorText.deallocate()
    }

    func enqueue(_ continuation: CurlLoop.Continuation) {
        self.continuation = continuation
        phase = .waiting
    }

    /// Makes the easy handle; the loop adds it to its multi handle.
    func prepare() throws(HTTPFailure) -> UnsafeMutableRawPointer {
        guard request.timeout > .zero else { throw failure(.timeout, "no time was left to send the request") }
        guard let easy = curl_easy_init() else { throw failure(.other, "libcurl: out of memory") }
        self.easy = easy
        phase = .running
        try setDestination(easy)
        try setLimits(easy)
        try setMethodAndBody(easy)
        try setHeaders(easy)
        try setCallbacks(easy)
        return easy
    }

    /// Answers the caller, once, and frees what libcurl used; the handle is out of the multi handle by now.
    func finish(_ result: Result<HTTPResponse, HTTPFailure>) {
        phase = .finished
        release()
        let continuation = self.continuation
        self.continuation = nil
        continuation?.resume(returning: result)
    }

    func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPFailure> {
        if isTooLarge {
            return .failure(failure(.bodyTooLarge, "\(target.name) sent more than \(options.maxBodyBytes) bytes"))
        }
        if headerBytes > Self.maxHeaderBytes {
            return .failure(
                failure(.malformed, "\(target.name) sent more than \(Self.maxHeaderBytes) bytes of headers"))
        }
        // The handle of a kept-alive connection that died wanted to send a second time and was not let.
        if code == CURLE_ABORTED_BY_CALLBACK {
            return .failure(failure(.cutOff, "\(target.name) closed the connection before it answered"))
        }
        guard code == CURLE_OK || hasEnough else { return .failure(failure(CurlCode.kind(code), detail(code))) }
        // libcurl takes a connection that ends amid the headers for a complete answer.
        guard headersAreComplete else { return .failure(failure(.cutOff, detail(CURLE_PARTIAL_FILE))) }
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    private var status: Int {
        var status = 0
        if let easy { cc_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status) }
        return status
    }

    func failure(_ kind: HTTPFailure.Kind, _ detail: String) -> HTTPFailure {
        HTTPFailure(kind, reachedServer: sends > 0, detail: detail)
    }

    /// Without the milliseconds that libcurl puts into its own texts: the same failure reads the same each time.
    private func detail(_ code: CURLcode) -> String {
        switch CurlCode.kind(code) {
        case .resolve: return "\(target.host) cannot be resolved"
        case .connect:
            var number = 0
            if let easy { cc_getinfo_long(easy, CURLINFO_OS_ERRNO, &number) }
            let reason = number == 0 ? CurlCode.text(code) : String(cString: strerror(Int32(number)))
            return "no connection to \(target.name): \(reason)"
        case .timeout:
            return sends > 0
                ? "\(target.name) did not answer in full within \(request.timeout)"
                : "no connection to \(target.name) within \(min(request.timeout, options.connectTimeout))"
        case .cutOff: return "\(target.name) closed the connection before its answer was complete"
        default:
            let text = String(cString: errorText)
            return "\(target.name): \(text.isEmpty ? CurlCode.text(code) : text)"
        }
    }

    private func release() {
        if let easy { curl_easy_cleanup(easy) }
        curl_slist_free_all(headerList)
        curl_slist_free_all(resolveList)
        sentBody?.deallocate()
        (easy, headerList, resolveList, sentBody) = (nil, nil, nil, nil)
    }
}

// MARK: - Setting up the handle

extension CurlTransfer {
    private func setDestination(_ easy: UnsafeMutableRawPointer) throws(HTTPFailure) {
        try CurlCode.check(cc_setopt_str(easy, CURLOPT_URL, request.url))
        try CurlCode.check(cc_setopt_str(easy, CURLOPT_PROTOCOLS_STR, target.isTLS ? "https" : "http"))
        // HTTP/1.1 has no refused streams and no shared fate of many requests on one connection, and the libcurl of
        // Debian 12 was the first with a rewritten HTTP/2.
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)))
        if target.isDirect {
            try CurlCode.check(cc_setopt_str(easy, CURLOPT_PROXY, ""))
        }
        if target.host == "localhost" {
            // A resolver that sends "localhost" elsewhere would have the plain-http rule leave this machine.
            resolveList = curl_slist_append(nil, "localhost:\(target.port):127.0.0.1,[::1]")
            try CurlCode.check(cc_setopt_list(easy, CURLOPT_RESOLVE, resolveList))
        }
        if let file = options.caFile { try CurlCode.check(cc_setopt_str(easy, CURLOPT_CAINFO, file)) }
        if let directory = options.caDirectory { try CurlCode.check(cc_setopt_str(easy, CURLOPT_CAPATH, directory)) }
    }

    private func setLimits(_ easy: UnsafeMutableRawPointer) throws(HTTPFailure) {
        let connect = min(request.timeout, options.connectTimeout)
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_NOSIGNAL, 1))
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds))
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connect.wholeMilliseconds))
        // Without this, ending a transfer waits for its DNS look-up, and all the others wait with it.
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_QUICK_EXIT, 1))
        if sink != nil {
            // What takes half an hour may also stand still unnoticed.
            try CurlCode.check(cc_setopt_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1000))
            try CurlCode.check(cc_setopt_long(easy, CURLOPT_LOW_SPEED_TIME, 60))
        }
        let idle = max(1, Int(options.maxIdle.components.seconds))
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_MAXAGE_CONN, idle))
    }

    private func setMethodAndBody(_ easy: UnsafeMutableRawPointer) throws(HTTPFailure) {
        let sendsBody = request.body != nil || [.post, .put, .patch].contains(request.method)
        if sendsBody {
            let bytes = request.body ?? []
            let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
            _ = copy.initialize(from: bytes)
            sentBody = copy
            try CurlCode.check(cc_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
            try CurlCode.check(cc_setopt_ptr(easy, CURLOPT_POSTFIELDS, copy.baseAddress))
        }
        if request.method != (sendsBody ? .post : .get) {
            try CurlCode.check(cc_setopt_str(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue))
        }
    }

    private func setHeaders(_ easy: UnsafeMutableRawPointer) throws(HTTPFailure) {
        // A name without a value takes out what libcurl would add by itself.
        var lines = ["Expect:"]
        let names = Set(request.headers.map { $0.name.lowercased() })
        if !names.contains("content-type") { lines.append("Content-Type:") }
        if !names.contains("user-agent") { lines.append("User-Agent: \(options.userAgent)") }
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else {
                throw failure(.other, "libcurl: out of memory")
            }
            headerList = longer
        }
        try CurlCode.check(cc_setopt_list(easy, CURLOPT_HTTPHEADER, headerList))
        // Headers of ours are for the server, never for a proxy on the way.
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE)))
        try CurlCode.check(cc_setopt_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
    }

    private func setCallbacks(_ easy: UnsafeMutableRawPointer) throws(HTTPFailure) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        try CurlCode.check(cc_setopt_ptr(easy, CURLOPT_ERRORBUFFER, errorText))
        try CurlCode.check(cc_setopt_ptr(easy, CURLOPT_WRITEDATA, this))
        try CurlCode.check(
            cc_setopt_data(easy, CURLOPT_WRITEFUNCTION) { data, size, count, this in
                CurlTransfer.of(this)?.receiveBody(data, size * count) ?? 0
            })
        try CurlCode.check(cc_setopt_ptr(easy, CURLOPT_HEADERDATA, this))
        try CurlCode.check(
            cc_setopt_data(easy, CURLOPT_HEADERFUNCTION) { data, size, count, this in
                CurlTransfer.of(this)?.receiveHeader(data, size * count) ?? 0
            })
        try CurlCode.check(cc_setopt_ptr(easy, CURLOPT_PREREQDATA, this))
        try CurlCode.check(
            cc_setopt_prereq(easy, CURLOPT_PREREQFUNCTION) { this, _, _, _, _ in
                CurlTransfer.of(this)?.allowSending() ?? CURL_PREREQFUNC_ABORT
            })
    }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer? {
        pointer.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A value with a line break would smuggle in another header.
    private static func checkHeaders(_ headers: [HTTPRequest.Header]) throws(HTTPFailure) {
        for header in headers {
            let nameIsToken =
                !header.name.isEmpty && header.name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 58 && $0 != 59 }
            guard nameIsToken, header.value.utf8.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 }) else {
                throw HTTPFailure(
                    .malformed, reachedServer: false, detail: "the header '\(header.name)' holds a control character")
            }
        }
    }
}

// MARK: - Called back by libcurl

extension CurlTransfer {
    /// libcurl re-sends by itself when a kept-alive connection dies before the first byte of an answer; the server may
    /// have acted on the first by then, so a change is sent once only.
    private func allowSending() -> Int32 {
        guard sends == 0 || !request.method.isMutating else { return CURL_PREREQFUNC_ABORT }
        sends += 1
        return CURL_PREREQFUNC_OK
    }

    private func receiveBody(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        if let sink, (200..<300).contains(status) {
            let more = sink(Array(UnsafeRawBufferPointer(start: data, count: count)))
            hasEnough = !more
            return more ? count : 0
        }
        guard count <= options.maxBodyBytes - body.count else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
        return count
    }

    /// For a body whose length is announced, so that a long one is not copied again and again as it grows.
    private func makeRoom() {
        guard sink == nil, let length = headers.last(where: { $0.name == "content-length" }).flatMap({ Int($0.value) })
        else { return }
        body.reserveCapacity(max(0, min(length, options.maxBodyBytes, Self.mostRoom)))
    }

    private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        headerBytes += count
        guard headerBytes <= Self.maxHeaderBytes else { return 0 }
        let line = String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // The final answer follows interim ones (100, 103).
            headers = []
            headersAreComplete = false
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
            let trimmed = value.reversed().drop { $0.isWhitespace }.reversed()
            headers.append(.init(line[..<colon].lowercased(), String(trimmed)))
        } else if line == "\r\n" || line == "\n" {
            headersAreComplete = true
            makeRoom()
        }
        return count
    }
}

extension Duration {
    /// Rounded up, at least 1: libcurl takes 0 for "no limit".
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (fraction, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        return max(1, Int(min(seconds, 1 << 30)) * 1000 + Int(fraction) + (rest > 0 ? 1 : 0))
    }
}
