/// One pass over a document: where it is, and every problem found so far.
struct Reading {
    private(set) var problems: [Diagnostic] = []
    private(set) var errorCount = 0
    /// The keys from the top down to here: "resources", "files[0]".
    private(set) var path: [String] = []
    var options: SpecDecoder.Options
    /// All keys of the language, to say where a misplaced one belongs.
    let language: [FieldForm]

    /// What the file is called at the top, before any key.
    private let document: String

    init(options: SpecDecoder.Options, language: [FieldForm], document: String = "The spec") {
        self.options = options
        self.language = language
        self.document = document
    }

    /// As the user would name this place; "The spec" at the top.
    var place: String { path.isEmpty ? document : "`\(path.joined(separator: "."))`" }

    func place(_ key: String) -> String { "`\((path + [key]).joined(separator: "."))`" }

    mutating func within<Result>(_ key: String, _ body: (inout Reading) -> Result) -> Result {
        path.append(key)
        defer { path.removeLast() }
        return body(&self)
    }

    mutating func within<Result>(item index: Int, _ body: (inout Reading) -> Result) -> Result {
        let last = path.popLast() ?? ""
        path.append("\(last)[\(index)]")
        defer { path[path.count - 1] = last }
        return body(&self)
    }

    mutating func report(
        _ code: SpecCode, _ detail: String, remedy: String?, at location: SourceLocation,
        severity: Diagnostic.Severity = .error
    ) {
        if severity == .error { errorCount += 1 }
        problems.append(
            Diagnostic(
                code.code, code.summary, detail: detail, remedy: remedy, source: location, severity: severity,
                exit: severity == .error ? .usage : .done))
    }

    /// Errors first, each group in the order of the file.
    var sorted: [Diagnostic] {
        let rank = { (problem: Diagnostic) in
            (problem.severity == .error ? 0 : 1, problem.source?.line ?? 0, problem.source?.column ?? 0)
        }
        return problems.enumerated().sorted { a, b in
            let (left, right) = (rank(a.element), rank(b.element))
            return left == right ? a.offset < b.offset : left < right
        }.map(\.element)
    }
}

/// Why a scalar is not what its place wants; the place is added by who catches it.
struct Complaint: Error {
    var code: SpecCode
    var why: String
    var remedy: String?

    init(_ code: SpecCode, _ why: String, remedy: String? = nil) {
        self.code = code
        self.why = why
        self.remedy = remedy
    }
}
