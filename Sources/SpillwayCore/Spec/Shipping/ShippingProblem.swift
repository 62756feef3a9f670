/// The wording of everything that keeps `files` from being shipped.
package enum ShippingProblem {
    static func missing(_ mapping: FileMapping, near names: [String]) -> Diagnostic {
        let from = mapping.from.value
        let meant = Suggestion.nearest(to: from, among: names).map { "Did you mean `\($0)`?" }
        return problem(
            .missingFile,
            "`files` names `\(from)`, and there is nothing of that name.",
            meant ?? "Paths are relative to the folder of the spec.", mapping, exit: .usage)
    }

    static func neverShipped(_ mapping: FileMapping, _ reason: ShippingPlan.Reason) -> Diagnostic {
        problem(
            .neverShipped, "`files` names `\(mapping.from.value)`: \(reason).",
            "Remove the entry.", mapping)
    }

    static func namedLink(_ mapping: FileMapping, _ link: ListedFile) -> Diagnostic {
        let target = if case .link(let target) = link.kind { " to `\(target)`" } else { "" }
        return problem(
            .link,
            "`files` names `\(mapping.from.value)`, and `\(link.path)` is a link\(target).",
            "Name what it leads to, or allow it with `--allow-outside`.", mapping)
    }

    static func special(_ mapping: FileMapping) -> Diagnostic {
        problem(
            .specialFile, "`files` names `\(mapping.from.value)`.",
            "Name a file or a folder.", mapping, exit: .usage)
    }

    static func credential(_ file: ListedFile, _ mapping: FileMapping, _ why: String, _ ruleFile: String) -> Diagnostic
    {
        problem(
            .credential,
            "`\(file.path)` would be shipped with `\(mapping.from.value)`: \(why).",
            "Leave it out with a line in `\(ruleFile)`, or name it in an entry of its own: `- {from: \(file.path)}`.",
            mapping)
    }

    static func linkOut(_ file: ListedFile, _ mapping: FileMapping, target: String) -> Diagnostic {
        problem(
            .linkOutside, "`\(file.path)` is a link to `\(target)`.",
            "Leave it out, make it relative within the folder, or allow it with `--allow-outside`.", mapping)
    }

    static func collision(
        _ file: ListedFile, _ other: ListedFile, at remote: String, _ mapping: FileMapping
    ) -> Diagnostic {
        problem(
            .collision,
            "`\(other.path)` and `\(file.path)` both land in `\(remote)`.",
            "Give one of the entries another `to`.", mapping, exit: .usage)
    }

    private static func problem(
        _ code: ShippingCode, _ detail: String, _ remedy: String, _ mapping: FileMapping,
        exit: ExitCode = .refused
    ) -> Diagnostic {
        Diagnostic(
            code.code, code.summary, detail: detail, remedy: remedy, exists: "Nothing was created.",
            source: mapping.from.location,
            exit: exit)
    }
}
