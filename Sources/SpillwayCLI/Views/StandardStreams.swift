import Glibc

/// Where bytes go in the end. The real one writes to file descriptors 1 and 2; tests collect.
struct StandardStreams: Sendable {
    enum Written: Hashable {
        case all
        /// Nobody reads any more.
        case nobody
        case failed(String)
    }

    var write: @Sendable (_ stream: Int32, _ bytes: [UInt8]) -> Written

    /// A reader that has gone is no reason to die in the middle of a teardown: SIGPIPE is ignored from here on.
    static func real() -> StandardStreams {
        signal(SIGPIPE, SIG_IGN)
        return StandardStreams { stream, bytes in
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.write(stream, $0.baseAddress?.advanced(by: written), $0.count - written)
                }
                if count > 0 {
                    written += count
                } else if errno == EAGAIN {
                    // Whoever shares this terminal made it non-blocking.
                    var ready = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, 1000)
                } else if errno != EINTR {
                    return errno == EPIPE ? .nobody : .failed(reason(errno))
                }
            }
            return .all
        }
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
