internal import Dispatch

/// Runs the disk's side of a transfer on a queue of its own: reading and writing files blocks, and neither the
/// session's thread nor the few threads that all tasks share may wait for a disk.
final class DiskExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "spillway.disk")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
