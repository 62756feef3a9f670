internal import Glibc
package import SpillwayCore
internal import Synchronization

/// One stream of a run's output, kept in `logs/<burst>-<run>.out` or `.err`; what is written is added at the end.
package final class LogFile: Sendable {
    package enum Stream: String, CaseIterable, Sendable {
        case out, err
    }

    package let path: String
    private let descriptor: Mutex<Int32?>

    /// Opens the log, making it when it is missing.
    package init(_ folder: StateFolder, burst: String, run: String, _ stream: Stream) throws(Diagnostic) {
        guard StateNames.isBurst(burst) else { throw StateFailure.badName(burst, what: "burst") }
        guard StateNames.isRun(run) else { throw StateFailure.badName(run, what: "run") }
        let name = "\(burst)-\(run).\(stream.rawValue)"
        path = "\(folder.path)/logs/\(name)"
        do throws(SystemFailure) {
            let logs = try folder.root.makeSubfolder("logs")
            descriptor = Mutex(try logs.openFile(name, O_WRONLY | O_APPEND | O_CREAT))
        } catch {
            throw StateFailure.system(error, doing: "open the log \(path)")
        }
    }

    deinit { close() }

    /// Bytes held; where a follower that was cut off goes on.
    package var size: Int64 {
        descriptor.withLock { file in file.map { Int64(lseek($0, 0, SEEK_END)) } ?? 0 }
    }

    /// Not fsync'd: the instance holds the log until it is collected. A failure must not end the job that is followed.
    package func append(_ bytes: [UInt8]) throws(Diagnostic) {
        try descriptor.withLock { file throws(Diagnostic) in
            guard let file else { return }
            do throws(SystemFailure) {
                try Directory.writeAll(bytes, to: file, path: path)
            } catch {
                throw StateFailure.system(error, doing: "write the log \(path)")
            }
        }
    }

    /// Makes what was appended durable and lets go. Idempotent.
    package func close() {
        descriptor.withLock { file in
            guard let open = file else { return }
            fsync(open)
            Glibc.close(open)
            file = nil
        }
    }
}
