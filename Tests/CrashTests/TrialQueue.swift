/// Performs trials, so many at a time: most of a trial is waiting.
struct TrialQueue: Sendable {
    var width: Int

    func results(of trials: some Sequence<Trial> & Sendable) -> AsyncStream<TrialResult> {
        AsyncStream { continuation in
            let task = Task {
                await withTaskGroup(of: TrialResult.self) { group in
                    var rest = trials.makeIterator()
                    func start() -> Bool {
                        guard !Task.isCancelled, let trial = rest.next() else { return false }
                        group.addTask { await TrialRun.perform(trial) }
                        return true
                    }
                    for _ in 0..<width where !start() { break }
                    for await result in group {
                        continuation.yield(result)
                        _ = start()
                    }
                }
                continuation.finish()
            }
            continuation.onTermination = { if case .cancelled = $0 { task.cancel() } }
        }
    }
}
