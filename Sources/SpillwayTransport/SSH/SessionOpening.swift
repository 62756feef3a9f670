internal import CSSH2
internal import FoundationEssentials
internal import Glibc
internal import SpillwayCore

/// From nothing to an authenticated session: dials, shakes hands, compares the host key, authenticates; again and again
/// until it works, cannot work, or takes too long. Runs on the session's own thread.
struct SessionOpening {
    let target: RemoteTarget
    let mailbox: SessionMailbox
    let timing: SSHConnector.Timing
    let deadline: ContinuousClock.Instant
    private let began = ContinuousClock.now
    private var dialer: Dialer
    private var matched: ContinuousClock.Instant?
    private var authenticationPause = Dialer.pace

    private enum Attempt: ~Copyable {
        case open(SessionThread)
        case again(RemoteFailure, Duration)
    }

    init(to target: RemoteTarget, timeout: Duration, timing: SSHConnector.Timing, mailbox: SessionMailbox) {
        self.target = target
        self.mailbox = mailbox
        self.timing = timing
        deadline = began + timeout
        dialer = Dialer(address: target.address, port: target.port, mailbox: mailbox)
    }

    private var peer: String { "\(target.user)@\(target.address) port \(target.port)" }

    mutating func open() throws(RemoteFailure) -> SessionThread {
        if let problem = OpenSSHKey.problem(with: target.clientKey) { throw RemoteFailure(.authentication, problem) }
        guard !target.hostKeys.isEmpty else {
            throw RemoteFailure(
                .hostKeyMismatch, "no host key is known for \(peer), and an unknown one is never accepted")
        }
        var last: RemoteFailure?
        while let descriptor = dialer.dial(until: deadline) {
            switch try attempt(on: descriptor) {
            case .open(let thread): return thread
            case .again(let failure, let pause):
                last = failure
                dialer.rest(for: pause, until: deadline)
            }
        }
        if mailbox.isClosing { throw RemoteFailure(.cancelled, "connecting to \(peer) was cancelled") }
        let waited = "within \((deadline - began).components.seconds) s"
        guard let last else {
            throw RemoteFailure(
                .unreachable,
                "nothing answers at \(peer) \(waited): \(dialer.lastProblem) (\(dialer.attempts) tries)")
        }
        throw RemoteFailure(last.kind, "no SSH session with \(peer) \(waited): \(last.detail)")
    }

    private mutating func attempt(on descriptor: Int32) throws(RemoteFailure) -> Attempt {
        let wire = Wire(socket: descriptor)
        let session = try LibSSH2(over: wire)
        let limit = min(deadline, .now + timing.handshake)
        switch drive(wire, until: limit, { session.handshake() }) {
        case .done: break
        case .again: return .again(RemoteFailure(.timeout, silence(wire)), .zero)
        case .failed(let code): return .again(try handshakeProblem(code, session.lastError, wire), Dialer.pace)
        }
        let key = HostKey(algorithm: OpenSSHKey.algorithm, base64: Data(session.hostKeyBlob).base64EncodedString())
        guard target.hostKeys.contains(key) else { throw mismatch(key) }
        let since = matched ?? .now
        matched = since

        let privateKey = target.clientKey.privateKey
        switch drive(wire, until: limit, { session.authenticate(user: target.user, privateKey: privateKey) }) {
        case .done: break
        case .again: return .again(RemoteFailure(.timeout, "the host went silent during authentication"), .zero)
        case .failed(let code):
            let isRefusal = code == LIBSSH2_ERROR_AUTHENTICATION_FAILED || code == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED
            guard isRefusal else {
                let text = "the connection broke during authentication: \(session.lastError)"
                return .again(RemoteFailure(.timeout, text), Dialer.pace)
            }
            let refusal = RemoteFailure(
                .authentication,
                "\(peer) has the expected host key but refuses the client key "
                    + "\(target.clientKey.publicKey.fingerprint): it is not in that user's "
                    + "authorized_keys, or the login is not permitted"
            )
            guard ContinuousClock.now - since < target.authenticationGrace else { throw refusal }
            // Each refusal is logged and may be penalised over there: ask less often.
            let pause = authenticationPause
            authenticationPause = min(.seconds(2), pause * 2)
            return .again(refusal, pause)
        }
        return .open(
            SessionThread(
                session: session, wire: wire, mailbox: mailbox, peer: peer, hostKey: key, keepalive: timing.keepalive))
    }

    /// Repeats a step that cannot wait, waiting for the wire in between; `.again` when the time is up.
    private func drive(_ wire: Wire, until limit: ContinuousClock.Instant, _ step: () -> LibSSH2.Step) -> LibSSH2.Step {
        while true {
            _ = wire.fill()
            let result = step()
            _ = wire.flush()
            guard case .again = result else { return result }
            guard ContinuousClock.now < limit, !mailbox.isClosing else { return .again }
            if !wire.incoming.isEmpty { continue }
            if wire.ending != nil { return .failed(LIBSSH2_ERROR_SOCKET_DISCONNECT) }
            SocketWait.poll([(wire.socket, wire.pollEvents), (mailbox.descriptor, Int16(POLLIN))], until: limit)
        }
    }

    private func silence(_ wire: Wire) -> String {
        if let line = KeyExchangeOffer.foreignBanner(in: wire.opening) {
            return "something answers there, but it does not speak SSH; it says \"\(line)\""
        }
        if wire.opening.isEmpty { return "the port accepts connections but says nothing, no SSH banner" }
        return "the host began the SSH handshake and then went silent"
    }

    /// A failure worth another try, or throws one that no try can mend.
    private func handshakeProblem(_ code: Int32, _ text: String, _ wire: Wire) throws(RemoteFailure) -> RemoteFailure {
        if code == LIBSSH2_ERROR_HOSTKEY_SIGN || code == LIBSSH2_ERROR_HOSTKEY_INIT {
            throw RemoteFailure(.hostKeyMismatch, "\(peer) could not prove that it holds its host key: \(text)")
        }
        if let offer = KeyExchangeOffer(opening: wire.opening) {
            guard offer.hostKeys.contains(OpenSSHKey.algorithm) else {
                throw RemoteFailure(
                    .unsupportedHostKey,
                    "\(peer) offers only \(offer.hostKeys.joined(separator: ", ")) host keys; only "
                        + "\(OpenSSHKey.algorithm) is accepted. RSA and ECDSA are refused: the key pinned "
                        + "for this host is ed25519, and another kind cannot be compared with it. "
                        + "Remedy: give the host an ed25519 key (ssh-keygen -A)"
                )
            }
            if code == LIBSSH2_ERROR_KEX_FAILURE || code == LIBSSH2_ERROR_METHOD_NONE {
                throw RemoteFailure(
                    .other,
                    "\(peer) and libssh2 have no algorithm in common (\(text)); the host offers key exchanges "
                        + "\(offer.keyExchanges.joined(separator: ", ")); "
                        + "ciphers \(offer.ciphers.joined(separator: ", ")); MACs \(offer.macs.joined(separator: ", "))"
                )
            }
        }
        if let line = KeyExchangeOffer.foreignBanner(in: wire.opening) {
            return RemoteFailure(.timeout, "something answers there, but it does not speak SSH; it says \"\(line)\"")
        }
        if wire.opening.isEmpty {
            return RemoteFailure(.timeout, "the port accepts connections and drops them at once")
        }
        return RemoteFailure(.timeout, "the SSH handshake failed: \(wire.ending ?? text)")
    }

    private func mismatch(_ key: HostKey) -> RemoteFailure {
        let expected = target.hostKeys.map(\.fingerprint).joined(separator: " or ")
        return RemoteFailure(
            .hostKeyMismatch,
            "the host at \(peer) is not the one that was set up: it shows \(key.fingerprint), "
                + "expected was \(expected). Nothing was sent to it. "
                + "Either the address now belongs to another machine, or someone is in between"
        )
    }
}
