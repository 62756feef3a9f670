internal import CSSH2
internal import SpillwayCore

/// One libssh2 session over a ``Wire``; every call returns at once.
struct LibSSH2: ~Copyable {
    let raw: OpaquePointer
    private let wire: Wire

    /// Counts as initialised once per process; libssh2's own counter is not thread-safe.
    private static let ready: Int32 = libssh2_init(0)

    /// Only what both ends do well: ed25519 host keys, curve25519 or strong groups, counter mode with SHA-2.
    private static let methods: [(Int32, String)] = [
        (
            LIBSSH2_METHOD_KEX,
            "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
                + "diffie-hellman-group16-sha512,diffie-hellman-group14-sha256"
        ),
        (LIBSSH2_METHOD_HOSTKEY, OpenSSHKey.algorithm),
        (LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr,aes256-ctr,aes192-ctr"),
        (LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr,aes256-ctr,aes192-ctr"),
        (LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256,hmac-sha2-512"),
        (LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256,hmac-sha2-512"),
        (LIBSSH2_METHOD_COMP_CS, "none"),
        (LIBSSH2_METHOD_COMP_SC, "none"),
    ]

    /// What a call that cannot wait has to say.
    enum Step {
        case done
        case again
        case failed(Int32)

        init(_ code: Int32) {
            self = code == LIBSSH2_ERROR_EAGAIN ? .again : code < 0 ? .failed(code) : .done
        }
    }

    /// Throws when libssh2 has no memory or lacks a method that is needed.
    init(over wire: Wire) throws(RemoteFailure) {
        raw = try Self.makeSession()
        self.wire = wire
        wire.attach(to: raw)
        libssh2_session_set_blocking(raw, 0)
    }

    private static func makeSession() throws(RemoteFailure) -> OpaquePointer {
        guard ready == 0, let raw = cs_session_init(nil) else {
            throw RemoteFailure(.other, "libssh2 could not be started: no memory is left")
        }
        for (method, names) in methods where libssh2_session_method_pref(raw, method, names) != 0 {
            libssh2_session_free(raw)
            throw RemoteFailure(.other, "this libssh2 knows none of \(names); 1.10 or newer with OpenSSL is needed")
        }
        return raw
    }

    deinit {
        wire.abandon()
        // With the wire abandoned no step of it waits for the far side, and each call gets further. Should one not, then
        // some memory is lost rather than the thread.
        for _ in 0..<1000 {
            guard libssh2_session_free(raw) == LIBSSH2_ERROR_EAGAIN else { return }
        }
    }

    func handshake() -> Step { Step(libssh2_session_handshake(raw, wire.socket)) }

    var hostKeyBlob: [UInt8] {
        var count = 0
        var type: Int32 = 0
        guard let bytes = libssh2_session_hostkey(raw, &count, &type) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    func authenticate(user: String, privateKey: String) -> Step {
        Step(
            libssh2_userauth_publickey_frommemory(
                raw, user, user.utf8.count, nil, 0, privateKey, privateKey.utf8.count, nil))
    }

    /// Asks the far side for a sign of life.
    func sendKeepalive() {
        libssh2_keepalive_config(raw, 1, 2)
        var next: Int32 = 0
        libssh2_keepalive_send(raw, &next)
    }

    func disconnect() {
        libssh2_session_disconnect_ex(raw, SSH_DISCONNECT_BY_APPLICATION, "done", "")
    }

    /// libssh2's words for what failed last.
    var lastError: String {
        var text: UnsafeMutablePointer<CChar>?
        var count: Int32 = 0
        let code = libssh2_session_last_error(raw, &text, &count, 0)
        guard let text, count > 0 else { return "error \(code)" }
        return "\(String(cString: text)) (\(code))"
    }
}
