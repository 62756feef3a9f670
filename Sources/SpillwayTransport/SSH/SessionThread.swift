internal import Glibc
internal import SpillwayCore

/// The loop of one connected session: it alone touches libssh2 and the socket.
struct SessionThread: ~Copyable {
    let session: LibSSH2
    let wire: Wire
    let mailbox: SessionMailbox
    let peer: String
    let hostKey: HostKey
    let keepalive: Duration
    private var machines: [ChannelMachine] = []
    /// The first question for a sign of life since the last bytes came.
    private var asked: ContinuousClock.Instant?
    private var nextQuestion = ContinuousClock.now
    private var nextLook = ContinuousClock.now

    init(
        session: consuming LibSSH2, wire: Wire, mailbox: SessionMailbox, peer: String, hostKey: HostKey,
        keepalive: Duration
    ) {
        self.session = session
        self.wire = wire
        self.mailbox = mailbox
        self.peer = peer
        self.hostKey = hostKey
        self.keepalive = keepalive
    }

    /// Runs until the session is closed or lost, fails what is then still under way, and says why it ended.
    consuming func run() -> RemoteFailure {
        var failure = RemoteFailure(.cancelled, "the SSH session to \(peer) was closed")
        do {
            try loop()
            session.disconnect()
            _ = wire.flush()
        } catch {
            failure = RemoteFailure(
                .cutOff,
                "the SSH connection to \(peer) was lost: \(wire.ending ?? error.reason); "
                    + "what was started detached goes on there")
        }
        for machine in machines { machine.channel.finish(.failure(failure)) }
        return failure
    }

    private mutating func loop() throws(SessionLoss) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while !mailbox.isClosing {
            machines += mailbox.take().map(ChannelMachine.init)
            var moved = wire.fill()
            moved = try advance(buffer: buffer) || moved
            moved = wire.flush() || moved
            if let ending = wire.ending, wire.incoming.isEmpty || machines.isEmpty { throw SessionLoss(ending) }
            try checkPeer()
            if !moved { wait() }
        }
    }

    private mutating func advance(buffer: UnsafeMutableRawBufferPointer) throws(SessionLoss) -> Bool {
        var moved = false
        // libssh2 opens one channel at a time: the first that is not open yet goes, the others wait for it.
        var isOpening = false
        for machine in machines {
            if machine.stage == .opening {
                if isOpening { continue }
                moved = try machine.advance(in: session, over: wire, buffer: buffer) || moved
                isOpening = machine.stage == .opening
            } else {
                moved = try machine.advance(in: session, over: wire, buffer: buffer) || moved
            }
        }
        machines.removeAll { $0.stage == .done }
        return moved
    }

    /// Asks for a sign of life after `keepalive` of silence; twice as long without an answer is a lost connection.
    private mutating func checkPeer() throws(SessionLoss) {
        let now = ContinuousClock.now
        if let first = asked, first < wire.lastReceived { asked = nil }
        nextLook = wire.lastReceived + keepalive
        // A full buffer is our own doing: the far side may well be talking.
        guard wire.wantsMore, now >= nextLook else {
            if now >= nextLook { nextLook = now + keepalive }
            return
        }
        if let first = asked, now - first >= keepalive * 2 {
            throw SessionLoss("no sign of life for \((now - wire.lastReceived).components.seconds) s")
        }
        if now >= nextQuestion {
            nextQuestion = now + keepalive
            // libssh2 asks every two seconds at most, and says nothing when it does not.
            let unsent = wire.unsent
            session.sendKeepalive()
            if wire.unsent > unsent, asked == nil { asked = now }
            _ = wire.flush()
        }
        nextLook = nextQuestion
    }

    private func wait() {
        let events = wire.pollEvents
        // A hang-up is reported whether asked for or not, and would turn a wait for the reader into a busy loop.
        let socket = events == 0 ? -1 : wire.socket
        SocketWait.poll([(socket, events), (mailbox.descriptor, Int16(POLLIN))], until: nextLook)
    }
}
