import Glibc
import SpillwayCore
import Synchronization

/// SIGINT, SIGTERM, SIGHUP and SIGUSR1 as values, from the moment this is made: nothing dies in the middle of a call.
///
/// By handlers, not by a blocked mask: the runtime has threads before the first line of `main`, which would not have it.
final class SignalWatch: Sendable {
    enum Signal: Sendable, Hashable {
        case interrupt, terminate, hangUp
        /// SIGUSR1: another command of ours asks for the lock, see ``HandOver``.
        case handOver

        init(_ number: Int32) {
            self =
                switch number {
                case SIGINT: .interrupt
                case SIGTERM: .terminate
                case SIGUSR1: .handOver
                default: .hangUp
                }
        }
    }

    /// From the handlers, which may do next to nothing, to the thread that delivers.
    private struct Wake {
        var reading: Int32
        var writing: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            _ = pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (reading, writing) = (ends[0], ends[1])
        }
    }

    private static let wake = Wake()
    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]

    private let waiting = Mutex<(queue: [Signal], continuation: CheckedContinuation<Signal?, Never>?)>(([], nil))

    init() {
        signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                let watch = Unmanaged<SignalWatch>.fromOpaque(pointer).takeRetainedValue()
                // Whoever started us may have had them blocked; one thread that has not is enough.
                var heard = sigset_t()
                sigemptyset(&heard)
                for number in SignalWatch.numbers { sigaddset(&heard, number) }
                pthread_sigmask(SIG_UNBLOCK, &heard, nil)
                var number: UInt8 = 0
                while read(SignalWatch.wake.reading, &number, 1) == 1 { watch.deliver(Int32(number)) }
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(SignalWatch.wake.writing, &byte, 1)
            errno = before
        }
        // What it interrupts goes on as if nothing had been.
        action.sa_flags = SA_RESTART
        for number in Self.numbers { sigaction(number, &action, nil) }
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
        let signal = Signal(number)
        waiting.withLock { waiting -> CheckedContinuation<Signal?, Never>? in
            guard let continuation = waiting.continuation else {
                waiting.queue.append(signal)
                return nil
            }
            waiting.continuation = nil
            return continuation
        }?.resume(returning: signal)
    }
}
