/// A spec in the making: what the file need not say, because the user configuration may, is still open.
struct SpecDraft: Sendable {
    var spec: Spec
    var budget: BudgetDraft

    init(at location: SourceLocation) {
        spec = Spec(at: location)
        budget = BudgetDraft(at: location)
    }
}

struct BudgetDraft: Sendable {
    var location: SourceLocation
    var maxCost: Located<Money>?
    var maxDuration: Located<Seconds>?

    init(at location: SourceLocation) { self.location = location }
}

struct SecretDraft: Sendable {
    var name: Located<String>
    var environment: String?
    var file: Located<String>?
    var command: Located<String>?

    init(at location: SourceLocation) { name = Located("", at: location) }

    var secret: Secret {
        let source: Secret.Source? = file.map { .file($0) } ?? command.map { .command($0) }
        return Secret(name: name, source: source ?? .environment(environment ?? name.value))
    }
}

struct OutputDraft: Sendable {
    var from: Located<String>
    var to: Located<PathNotations.Target>
    var maxSize: Located<Bytes>

    init(at location: SourceLocation) {
        from = Located("", at: location)
        to = Located(PathNotations.Target(path: "", endsInSlash: false), at: location)
        maxSize = Located(Output.defaultMaxSize, at: location)
    }

    var output: Output {
        Output(
            from: from, to: Located(to.value.path, at: to.location), intoFolder: to.value.endsInSlash, maxSize: maxSize)
    }
}
