internal import SpillwayCore
internal import Synchronization

extension RemoteHost {
    /// Runs a command whose output is short, and returns it. At most `limit` bytes of each stream are kept.
    func capture(
        _ command: String, input: [UInt8]? = nil, limit: Int = 64 << 20
    ) async throws(RemoteFailure) -> (exit: RemoteExit, out: String, err: String) {
        let (exit, out, err) = try await captureBytes(command, input: input, limit: limit)
        return (exit, String(decoding: out, as: UTF8.self), String(decoding: err, as: UTF8.self))
    }

    func captureBytes(
        _ command: String, input: [UInt8]? = nil, limit: Int = 64 << 20
    ) async throws(RemoteFailure) -> (exit: RemoteExit, out: [UInt8], err: [UInt8]) {
        let kept = Mutex((out: [UInt8](), err: [UInt8]()))
        let exit = try await run(command, input: input) { output in
            kept.withLock { kept in
                switch output {
                case .stdout(let bytes): kept.out += bytes.prefix(max(0, limit - kept.out.count))
                case .stderr(let bytes): kept.err += bytes.prefix(max(0, limit - kept.err.count))
                }
            }
        }
        let (out, err) = kept.withLock { $0 }
        return (exit, out, err)
    }
}
