/// One SSH session to one instance. Everything but `close` may throw ``RemoteFailure``.
///
/// Commands run under the login user's shell. Closing the session does not end what was started detached.
package protocol RemoteHost: Sendable {
    /// Runs `command`, feeding `input` and giving output in the order it comes; returns when the far side has ended.
    /// A non-zero exit or a signal is a result, not an error. Cancelling the task closes the channel.
    func run(
        _ command: String, input: [UInt8]?, onOutput: @escaping @Sendable (RemoteOutput) -> Void
    ) async throws(RemoteFailure) -> RemoteExit

    /// Streams `files` as one tar archive into `directory` (made if missing). Returns what was sent.
    /// Repeating it overwrites; it is safe after a cut-off.
    func upload(
        _ files: [ShippedFile], to directory: String, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Transferred

    /// Fetches `path` (a folder or a file) as a tar stream and extracts it as `destination`/last component of `path`.
    ///
    /// `destination` is a folder that exists and that the caller moves into place or removes: what a failed download
    /// left in it stays. Nothing in it is overwritten and nothing is written outside it, whatever the stream says; more
    /// than `maxBytes` of content is an error.
    func download(
        _ path: String, to destination: String, maxBytes: Int64, progress: @escaping @Sendable (Transferred) -> Void
    ) async throws(RemoteFailure) -> Downloaded

    /// The pinned host key of this session.
    var hostKey: HostKey { get }

    /// Idempotent; never throws.
    func close() async
}

/// Opens SSH sessions. `connect` polls until the host answers, the key mismatches or `timeout` passes.
package protocol RemoteConnector: Sendable {
    /// Polls at most every 250 ms. A host key that differs from `target.hostKeys` is fatal at once
    /// (`.hostKeyMismatch`), as is a refused client key once the host key has matched (`.authentication`)
    /// for longer than `target.authenticationGrace` (cloud-init may still be writing the keys).
    func connect(to target: RemoteTarget, timeout: Duration) async throws(RemoteFailure) -> any RemoteHost

    /// A new ed25519 pair; the private half in OpenSSH's file format, without a passphrase.
    func makeKey(comment: String) -> KeyPair
}

package struct RemoteTarget: Sendable, Hashable {
    package var address: String
    package var port: Int
    package var user: String
    /// Any one of these is accepted; empty is refused.
    package var hostKeys: [HostKey]
    package var clientKey: KeyPair
    package var authenticationGrace: Duration

    package init(
        address: String, port: Int, user: String, hostKeys: [HostKey], clientKey: KeyPair,
        authenticationGrace: Duration = .seconds(60)
    ) {
        self.address = address
        self.port = port
        self.user = user
        self.hostKeys = hostKeys
        self.clientKey = clientKey
        self.authenticationGrace = authenticationGrace
    }
}

/// `ssh-ed25519 AAAA…` without a comment, as in a known_hosts or authorized_keys line.
package struct HostKey: Sendable, Hashable, Codable {
    package var algorithm: String
    package var base64: String

    package init(algorithm: String, base64: String) {
        self.algorithm = algorithm
        self.base64 = base64
    }

    /// Reads "algorithm base64 [comment]"; nil when there are fewer than two words.
    package init?(line: String) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" })
        guard words.count >= 2 else { return nil }
        self.init(algorithm: String(words[0]), base64: String(words[1]))
    }

    package var line: String { "\(algorithm) \(base64)" }
}

package struct KeyPair: Sendable, Hashable {
    /// OpenSSH private key file, PEM-armoured.
    package var privateKey: String
    package var publicKey: HostKey

    package init(privateKey: String, publicKey: HostKey) {
        self.privateKey = privateKey
        self.publicKey = publicKey
    }
}

package enum RemoteOutput: Sendable, Hashable {
    case stdout([UInt8])
    case stderr([UInt8])
}

/// libssh2 reports status 0 for a command that died of a signal: `signal` decides first.
package struct RemoteExit: Sendable, Hashable, Codable {
    package var status: Int32
    /// Without "SIG": "TERM", "KILL".
    package var signal: String?

    package init(status: Int32, signal: String? = nil) {
        self.status = status
        self.signal = signal
    }

    package var succeeded: Bool { status == 0 && signal == nil }
}

package struct Transferred: Sendable, Hashable, Codable {
    package var files: Int
    package var bytes: Int64

    package init(files: Int = 0, bytes: Int64 = 0) {
        self.files = files
        self.bytes = bytes
    }
}

/// What a download brought. The far side's own hashes are for the caller to compare.
package struct Downloaded: Sendable, Hashable {
    package var files: [ReceivedFile]
    /// Content, without the archive's headers.
    package var bytes: Int64
    /// What the far side's tar said although all went well, such as "file changed as we read it".
    package var warnings: [String]

    package init(files: [ReceivedFile] = [], bytes: Int64 = 0, warnings: [String] = []) {
        self.files = files
        self.bytes = bytes
        self.warnings = warnings
    }

    package var transferred: Transferred { Transferred(files: files.count, bytes: bytes) }
}

/// One regular file of a download; `path` is relative to the download's destination.
package struct ReceivedFile: Sendable, Hashable, Codable {
    package var path: String
    package var size: Int64
    /// Lower-case hexadecimal, of the bytes as written here.
    package var sha256: String

    package init(path: String, size: Int64, sha256: String) {
        self.path = path
        self.size = size
        self.sha256 = sha256
    }
}

/// One entry of an upload: where it lies here, and its path (relative, no `..`) below the target folder.
package struct ShippedFile: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file(size: Int64, executable: Bool)
        case directory
        case symlink(target: String)
        /// Content made by Spillway itself, such as the supervisor.
        case data([UInt8], executable: Bool)
    }

    package var localPath: String
    package var remotePath: String
    package var kind: Kind

    package init(localPath: String, remotePath: String, kind: Kind) {
        self.localPath = localPath
        self.remotePath = remotePath
        self.kind = kind
    }
}

package struct RemoteFailure: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case unreachable, timeout, hostKeyMismatch, unsupportedHostKey, authentication, cutOff, hostileArchive
        case tooLarge, source, localIO, remoteIO, cancelled, other
    }

    package var kind: Kind
    package var detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
