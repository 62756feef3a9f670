internal import Glibc

/// A system call that failed, on which file and why.
struct SystemFailure: Error, Hashable {
    let call: String
    let path: String
    let code: Int32

    /// Reads `errno`: to be made right after the call.
    init(_ call: String, _ path: String) {
        self.init(call, path, code: errno)
    }

    init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// The system's words: "No space left on device".
    var reason: String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}
