internal import SpillwayCore
internal import Synchronization

extension RemoteHost {
    /// Runs a command whose output is short, and returns it. More than `limit` bytes of a stream are an error: half a
    /// listing must not pass for the whole.
    func capture(
        _ command: String, input: [UInt8]? = nil, limit: Int = 64 << 20
    ) async throws(RemoteFailure) -> (exit: RemoteExit, out: String, err: String) {
        let (exit, out, err) = try await captureBytes(command, input: input, limit: limit)
        return (exit, String(decoding: out, as: UTF8.self), String(decoding: err, as: UTF8.self))
    }

    func captureBytes(
        _ command: String, input: [UInt8]? = nil, limit: Int = 64 << 20
    ) async throws(RemoteFailure) -> (exit: RemoteExit, out: [UInt8], err: [UInt8]) {
        let kept = Mutex((out: [UInt8](), err: [UInt8](), isCut: false))
        let exit = try await run(command, input: input) { output in
            kept.withLock { kept in
                switch output {
                case .stdout(let bytes) where kept.out.count + bytes.count <= limit: kept.out += bytes
                case .stderr(let bytes) where kept.err.count + bytes.count <= limit: kept.err += bytes
                case .stdout, .stderr: kept.isCut = true
                }
            }
        }
        let (out, err, isCut) = kept.withLock { $0 }
        guard !isCut else {
            throw RemoteFailure(
                .remoteIO, "the instance answered with more than \(limit) bytes: \(command.prefix(80))…")
        }
        return (exit, out, err)
    }
}
