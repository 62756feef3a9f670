/// Decides what of the spec's folder is shipped. Reads through a ``FolderReader``, and only what it must: no folder that
/// is left out is ever entered.
///
/// `.spillwayignore` in the spec's folder makes the files of that name the rules, at every depth; without it the
/// `.gitignore` files are. What an entry of `files` names itself is shipped although a rule leaves it out.
package struct ShippingRules: Sendable {
    private let files: [FileMapping]
    private let named: Set<String>
    private let neverShipped: [(path: String, reason: ShippingPlan.Reason)]
    private let allowOutside: Bool

    /// `stateFolder` is relative to the spec's folder; nil when it lies elsewhere.
    package init(files: [FileMapping], outputs: [Output], stateFolder: String?, allowOutside: Bool = false) {
        self.files = files
        named = Set(files.map(\.from.value))
        self.allowOutside = allowOutside
        neverShipped =
            (stateFolder.map { [($0, .stateFolder)] } ?? []) + outputs.map { ($0.to.value, .outputTarget) }
    }

    /// Throws only what the reader throws; all that is wrong with the files themselves is in `refused`.
    package func plan(_ reader: some FolderReader) throws(Diagnostic) -> ShippingPlan {
        let ruleFile = try reader.entry(at: ".spillwayignore") == nil ? ".gitignore" : ".spillwayignore"
        var walk = Walk(rules: self, reader: reader, ruleFile: ruleFile)
        for file in files { try walk.visit(file) }
        return walk.plan
    }

    /// One pass over the folder.
    private struct Walk<Reader: FolderReader> {
        let rules: ShippingRules
        let reader: Reader
        let ruleFile: String
        var plan = ShippingPlan()
        private var landed: [String: ListedFile] = [:]
        private var mentioned: Set<String> = []

        init(rules: ShippingRules, reader: Reader, ruleFile: String) {
            self.rules = rules
            self.reader = reader
            self.ruleFile = ruleFile
        }

        mutating func visit(_ mapping: FileMapping) throws(Diagnostic) {
            let from = mapping.from.value
            if let link = try linkOnTheWay(to: from) {
                plan.refused.append(ShippingProblem.namedLink(mapping, link))
                return
            }
            guard let root = try reader.entry(at: from) else {
                plan.refused.append(ShippingProblem.missing(mapping, near: try neighbours(of: from)))
                return
            }
            if let reason = rules.neverShips(from) {
                plan.refused.append(ShippingProblem.neverShipped(mapping, reason))
                return
            }
            switch root.kind {
            case .folder:
                let trusted = SensitiveFile.reason(root) != nil
                land(root, at: mapping.to.value, mapping)
                try descend(into: root, mapping, ignore: try rulesAbove(from), trusted: trusted)
            case .file:
                land(root, at: join(mapping.to.value, root.name), mapping)
            case .link:
                plan.refused.append(ShippingProblem.namedLink(mapping, root))
            case .special:
                plan.refused.append(ShippingProblem.special(mapping))
            }
        }

        private mutating func descend(
            into folder: ListedFile, _ mapping: FileMapping, ignore: IgnoreRules, trusted: Bool
        ) throws(Diagnostic) {
            let ignore = try adding(rulesOf: folder.path, to: ignore, root: mapping.from.value)
            for file in try reader.entries(of: folder.path) {
                if let reason = reason(file, ignore, root: mapping.from.value) {
                    leaveOut(file, reason)
                } else if let problem = try problem(with: file, mapping, trusted: trusted) {
                    plan.refused.append(problem)
                } else {
                    let below =
                        mapping.from.value == "."
                        ? file.path : String(file.path.dropFirst(mapping.from.value.count + 1))
                    land(file, at: join(mapping.to.value, below), mapping)
                    if file.isFolder {
                        let trusted = trusted || rules.named.contains(file.path)
                        try descend(into: file, mapping, ignore: ignore, trusted: trusted)
                    }
                }
            }
        }

        private func reason(_ file: ListedFile, _ ignore: IgnoreRules, root: String) -> ShippingPlan.Reason? {
            if let reason = rules.neverShips(file.path) { return reason }
            if let rule = ignore.ignoring(inside(root, file.path), isFolder: file.isFolder) {
                return .rule(file: rule.file, line: rule.line, text: rule.text)
            }
            return file.kind == .special ? .special : nil
        }

        private func problem(
            with file: ListedFile, _ mapping: FileMapping, trusted: Bool
        ) throws(Diagnostic) -> Diagnostic? {
            if !trusted, !rules.named.contains(file.path) {
                if let reason = SensitiveFile.reason(file) {
                    return ShippingProblem.credential(file, mapping, reason, ruleFile)
                }
                if SensitiveFile.isGitConfig(file), let text = try reader.text(of: file.path),
                    SensitiveFile.holdsCredential(gitConfig: text)
                {
                    return ShippingProblem.credential(file, mapping, "a URL in it holds a password or token", ruleFile)
                }
            }
            guard !rules.allowOutside, case .link(let target) = file.kind else { return nil }
            return ShippingRules.leaves(link: file.path, to: target)
                ? ShippingProblem.linkOut(file, mapping, target: target) : nil
        }

        private mutating func leaveOut(_ file: ListedFile, _ reason: ShippingPlan.Reason) {
            // An entry of its own ships it all the same.
            guard !rules.named.contains(file.path) else { return }
            guard mentioned.insert(file.path).inserted else { return }
            plan.leftOut.append(ShippingPlan.LeftOut(path: file.path, reason: reason))
        }

        private mutating func land(_ file: ListedFile, at remote: String, _ mapping: FileMapping) {
            if let other = landed[remote] {
                if other.path != file.path, !(other.isFolder && file.isFolder) {
                    plan.refused.append(ShippingProblem.collision(file, other, at: remote, mapping))
                }
                return
            }
            landed[remote] = file
            plan.included.append(ShippingPlan.Item(file: file, remotePath: remote))
        }

        /// The ignore files of the folders above `path`, from the spec's folder down. A path outside is its own root.
        private func rulesAbove(_ path: String) throws(Diagnostic) -> IgnoreRules {
            var ignore = IgnoreRules()
            guard path != ".", !PathNotations.leaves(path) else { return ignore }
            var folder = "."
            for part in path.split(separator: "/") {
                ignore = try adding(rulesOf: folder, to: ignore, root: ".")
                folder = folder == "." ? String(part) : "\(folder)/\(part)"
            }
            return ignore
        }

        private func adding(
            rulesOf folder: String, to ignore: IgnoreRules, root: String
        ) throws(Diagnostic) -> IgnoreRules {
            guard let text = try reader.text(of: join(folder, ruleFile)) else { return ignore }
            var ignore = ignore
            let place = inside(root, folder)
            ignore.add(text, name: ruleFile, in: place == "." ? "" : place)
            return ignore
        }

        /// `path` as the ignore files see it: below the spec's folder, or below a root outside of it.
        private func inside(_ root: String, _ path: String) -> String {
            guard PathNotations.leaves(root) else { return path }
            return path == root ? "." : String(path.dropFirst(root.hasSuffix("/") ? root.count : root.count + 1))
        }

        /// A link above the named path would lead out of the folder unseen.
        private func linkOnTheWay(to path: String) throws(Diagnostic) -> ListedFile? {
            guard !rules.allowOutside else { return nil }
            let parts = path.split(separator: "/")
            for count in 1..<max(parts.count, 1) {
                let above = try reader.entry(at: parts.prefix(count).joined(separator: "/"))
                if let above, case .link = above.kind { return above }
            }
            return nil
        }

        private func neighbours(of path: String) throws(Diagnostic) -> [String] {
            let parts = path.split(separator: "/")
            let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
            guard !PathNotations.leaves(path), try reader.entry(at: folder)?.isFolder == true else { return [] }
            return try reader.entries(of: folder).map(\.path)
        }

        private func join(_ folder: String, _ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }
    }

    private func neverShips(_ path: String) -> ShippingPlan.Reason? {
        if let found = neverShipped.first(where: { PathNotations.covers($0.path, path) }) { return found.reason }
        // The keys of another spec's state, below this one's folder.
        let parts = path.split(separator: "/")
        return zip(parts, parts.dropFirst()).contains { $0 == "state" && $1 == "keys" } ? .keys : nil
    }

    /// By its text alone: what a link leads to is never looked at.
    static func leaves(link path: String, to target: String) -> Bool {
        guard !target.hasPrefix("/") else { return true }
        var depth = path.split(separator: "/").count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}
