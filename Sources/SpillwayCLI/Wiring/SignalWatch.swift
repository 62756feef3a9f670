import Glibc
import SpillwayCore
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as values, from the moment this is made: nothing dies in the middle of a call.
///
/// Made before anything is awaited, so that every later thread inherits the blocked mask.
final class SignalWatch: Sendable {
    enum Signal: Sendable, Hashable {
        case interrupt, terminate, hangUp
    }

    private let waiting = Mutex<(queue: [Signal], continuation: CheckedContinuation<Signal?, Never>?)>(([], nil))

    init() {
        var set = Self.set()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                let watch = Unmanaged<SignalWatch>.fromOpaque(pointer).takeRetainedValue()
                var set = SignalWatch.set()
                var number: Int32 = 0
                while sigwait(&set, &number) == 0 { watch.deliver(number) }
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }

    /// The next signal; nil when the task is cancelled.
    func next() async -> Signal? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Signal?? = waiting.withLock { waiting in
                    if Task.isCancelled { return .some(nil) }
                    if !waiting.queue.isEmpty { return .some(waiting.queue.removeFirst()) }
                    waiting.continuation = continuation
                    return .none
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            waiting.withLock { waiting in
                defer { waiting.continuation = nil }
                return waiting.continuation
            }?.resume(returning: nil)
        }
    }

    private func deliver(_ number: Int32) {
        let signal: Signal = number == SIGINT ? .interrupt : number == SIGTERM ? .terminate : .hangUp
        waiting.withLock { waiting -> CheckedContinuation<Signal?, Never>? in
            guard let continuation = waiting.continuation else {
                waiting.queue.append(signal)
                return nil
            }
            waiting.continuation = nil
            return continuation
        }?.resume(returning: signal)
    }

    private static func set() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
