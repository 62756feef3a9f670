internal import Glibc
internal import SpillwayCore

/// Gets a TCP connection to a host that may not be up yet.
///
/// While a host boots its packets are mostly dropped, and the kernel repeats a SYN only after a second. So a new
/// attempt starts every `pace` while the earlier ones stay open, and the first that is answered wins.
struct Dialer {
    let address: String
    let port: Int
    let mailbox: SessionMailbox
    private var pause = Duration.milliseconds(20)
    private(set) var lastProblem = "no answer"
    private(set) var attempts = 0

    static let pace = Duration.milliseconds(250)
    private static let widest = 12

    init(address: String, port: Int, mailbox: SessionMailbox) {
        self.address = address
        self.port = port
        self.mailbox = mailbox
    }

    /// A connected socket; nil when `deadline` passed or the session was closed meanwhile.
    mutating func dial(until deadline: ContinuousClock.Instant) -> Int32? {
        var pending: [Int32] = []
        defer { for descriptor in pending { close(descriptor) } }
        var next = ContinuousClock.now
        while !mailbox.isClosing, ContinuousClock.now < deadline {
            if ContinuousClock.now >= next {
                if pending.count == Self.widest { close(pending.removeFirst()) }
                if let descriptor = begin() { pending.append(descriptor) }
                next = .now + pause
                pause = min(Self.pace, pause * 3 / 2)
            }
            let wanted = [(mailbox.descriptor, Int16(POLLIN))] + pending.map { ($0, Int16(POLLOUT)) }
            let events = SocketWait.poll(wanted, until: min(next, deadline))
            for (descriptor, event) in zip(pending, events.dropFirst()) where event != 0 {
                pending.removeAll { $0 == descriptor }
                guard let problem = Self.problem(of: descriptor) else { return descriptor }
                lastProblem = problem
                close(descriptor)
            }
        }
        return nil
    }

    /// Waits a little between two connections that were answered but led nowhere.
    func rest(for span: Duration, until deadline: ContinuousClock.Instant) {
        let due = min(deadline, .now + span)
        while !mailbox.isClosing, ContinuousClock.now < due {
            SocketWait.poll([(mailbox.descriptor, Int16(POLLIN))], until: due)
        }
    }

    /// Starts a connection; nil when it failed at once.
    private mutating func begin() -> Int32? {
        attempts += 1
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address, String(port), &hints, &found)
        guard code == 0, let info = found?.pointee else {
            lastProblem = String(cString: gai_strerror(code))
            return nil
        }
        defer { freeaddrinfo(found) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(info.ai_family, type, 0)
        guard descriptor >= 0 else {
            lastProblem = SystemError.text(errno)
            return nil
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 || errno == EINPROGRESS { return descriptor }
        lastProblem = SystemError.text(errno)
        close(descriptor)
        return nil
    }

    private static func problem(of descriptor: Int32) -> String? {
        var code: Int32 = 0
        var length = socklen_t(4)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : SystemError.text(code)
    }
}
