import Glibc
import SpillwayCore
import SpillwayEngine

/// What a signal does to a command that changes a cloud: nothing new is started, what is in flight is finished and
/// recorded. A second one leaves at once, saying what exists.
struct Interruption: Sendable {
    let signals: SignalWatch
    let output: Output
    /// Has every change stop that is not begun.
    let halt: @Sendable () async -> Void
    /// Saves what is known, and says what exists and what it costs.
    let last: @Sendable () async -> Diagnostic

    init(
        signals: SignalWatch, output: Output, halt: @escaping @Sendable () async -> Void,
        last: @escaping @Sendable () async -> Diagnostic
    ) {
        self.signals = signals
        self.output = output
        self.halt = halt
        self.last = last
    }

    init(signals: SignalWatch, session: BurstSession, output: Output) {
        self.init(signals: signals, output: output) {
            await session.site.journal.halt()
        } last: {
            try? await session.site.journal.snapshot()
            let state = await session.site.journal.state
            return Diagnostic(
                "interrupted", "Interrupted", detail: "The state is saved.", remedy: "To remove what exists:",
                command: "spillway destroy \(session.site.burst)",
                exists: Inventory(state.live.map(\.resource), rates: state.run?.rates).sentence, exit: .interrupted)
        }
    }

    func guarding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                var halted = false
                while let signal = await signals.next() {
                    if signal == .hangUp { continue }
                    if halted { await leave() }
                    halted = true
                    output.show(.note("Stopping: calls in flight are finished and recorded. Again to leave at once."))
                    await halt()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// Saves, says what exists and what it costs, and ends the process with 130.
    func leave() async -> Never {
        output.show(await last())
        exit(SpillwayCore.ExitCode.interrupted.rawValue)
    }
}
