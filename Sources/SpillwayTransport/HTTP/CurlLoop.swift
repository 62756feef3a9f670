internal import CCurl
internal import Dispatch
internal import SpillwayCore
internal import Synchronization

/// The thread that owns a libcurl multi handle and every transfer in it.
///
/// All that happens to a transfer happens here: it is started, ended and its continuation resumed by this thread alone,
/// so a cancellation and a completion cannot both answer.
// SAFETY: `multi` is set once, and `curl_multi_wakeup` is the one call made on it from other threads, as its
// documentation allows; `running` and `hosts` belong to the loop thread; `inbox` is guarded by its mutex.
final class CurlLoop: @unchecked Sendable {
    typealias Continuation = CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>

    private enum Command {
        case add(CurlTransfer, Continuation)
        case cancel(CurlTransfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
    }

    private struct Host {
        var running = 0
        var waiting: [CurlTransfer] = []
    }

    private static let globalInitialisation: CURLcode = cc_global_init()

    private let multi: UnsafeMutableRawPointer
    private let connectionsPerHost: Int
    private let inbox = Mutex(Inbox())
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var hosts: [String: Host] = [:]

    init(connectionsPerHost: Int) throws(HTTPFailure) {
        try CurlCode.check(Self.globalInitialisation)
        guard let multi = curl_multi_init() else {
            throw HTTPFailure(.other, reachedServer: false, detail: "libcurl: out of memory")
        }
        self.multi = multi
        self.connectionsPerHost = connectionsPerHost
    }

    // The queue holds this object until the loop ends, so nothing is in the multi handle any more.
    deinit { curl_multi_cleanup(multi) }

    /// A queue of its own that is not left until the client has gone: a thread, without C's types for one.
    func start() {
        DispatchQueue(label: "spillway.http").async { self.run() }
    }

    func add(_ transfer: CurlTransfer, _ continuation: Continuation) {
        post(.add(transfer, continuation))
    }

    /// May come before ``add(_:_:)``, in the middle, or after the end.
    func cancel(_ transfer: CurlTransfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        post(.cancel(transfer))
    }

    func stop() {
        inbox.withLock { $0.isStopping = true }
        curl_multi_wakeup(multi)
    }

    private func post(_ command: Command) {
        inbox.withLock { $0.commands.append(command) }
        curl_multi_wakeup(multi)
    }

    // MARK: - On the loop thread

    private func run() {
        // TLS writes to a connection that the other side has closed: an error code is enough.
        cc_block_sigpipe()
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands { obey(command) }
            if isStopping, commands.isEmpty, running.isEmpty, hosts.isEmpty { return }
            do throws(HTTPFailure) {
                var stillRunning: Int32 = 0
                try CurlCode.check(curl_multi_perform(multi, &stillRunning))
                collectFinished()
                try CurlCode.check(curl_multi_poll(multi, nil, 0, 60_000, nil))
            } catch {
                for transfer in running.values { end(transfer, .failure(transfer.failure(error.kind, error.detail))) }
            }
        }
    }

    private func obey(_ command: Command) {
        switch command {
        case .add(let transfer, let continuation):
            transfer.enqueue(continuation)
            hosts[transfer.target.origin, default: Host()].waiting.append(transfer)
            if transfer.isCancelled.load(ordering: .acquiring) { cancelOnLoop(transfer) }
            startWaiting(transfer.target.origin)
        case .cancel(let transfer):
            cancelOnLoop(transfer)
        }
    }

    private func cancelOnLoop(_ transfer: CurlTransfer) {
        switch transfer.phase {
        case .running: end(transfer, .failure(transfer.failure(.cancelled, "cancelled")))
        case .waiting:
            hosts[transfer.target.origin]?.waiting.removeAll { $0 === transfer }
            transfer.finish(.failure(transfer.failure(.cancelled, "cancelled")))
            startWaiting(transfer.target.origin)
        case .new, .finished: break
        }
    }

    private func startWaiting(_ origin: String) {
        guard var host = hosts[origin] else { return }
        while host.running < connectionsPerHost, let transfer = host.waiting.first {
            host.waiting.removeFirst()
            do throws(HTTPFailure) {
                let easy = try transfer.prepare()
                try CurlCode.check(curl_multi_add_handle(multi, easy))
                running[easy] = transfer
                host.running += 1
            } catch {
                transfer.finish(.failure(error))
            }
        }
        hosts[origin] = host.running == 0 && host.waiting.isEmpty ? nil : host
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = running[easy]
            else { continue }
            end(transfer, transfer.result(cc_message_result(message)))
        }
    }

    /// Takes a running transfer out of libcurl and answers its caller, in this order.
    private func end(_ transfer: CurlTransfer, _ result: Result<HTTPResponse, HTTPFailure>) {
        guard let easy = transfer.easy, running.removeValue(forKey: easy) != nil else { return }
        curl_multi_remove_handle(multi, easy)
        transfer.finish(result)
        hosts[transfer.target.origin]?.running -= 1
        startWaiting(transfer.target.origin)
    }
}
