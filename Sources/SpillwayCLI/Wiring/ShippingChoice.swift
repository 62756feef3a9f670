import Glibc
import SpillwayCore
import SpillwayEngine

/// What a spec ships from its folder, decided by its rules; reads nothing outside that folder.
struct ShippingChoice: Sendable {
    let spec: Spec
    let folder: String
    let stateDir: String
    let allowOutside: Bool

    /// Throws what the rules refuse, every refusal at once.
    func plan() throws -> ShippingPlan {
        guard !spec.files.isEmpty else { return ShippingPlan() }
        let rules = ShippingRules(
            files: spec.files, outputs: spec.outputs, stateFolder: relative(stateDir), allowOutside: allowOutside)
        let plan = try rules.plan(try FolderListing(path: folder, allowOutside: allowOutside))
        guard plan.refused.isEmpty else { throw Diagnostics(plan.refused) }
        return plan
    }

    func files() throws -> [ShippedFile] { try plan().files(below: folder) }

    /// Counts and reasons, for `check` and `plan`.
    func summary(_ plan: ShippingPlan) -> [String] {
        guard !spec.files.isEmpty else { return [] }
        var lines = ["\(plan.included.count) entries, \(Amounts.bytes(plan.bytes)) to ship"]
        lines += plan.leftOut.prefix(20).map { "left out  \(Escaping.terminal($0.path)): \($0.reason)" }
        if plan.leftOut.count > 20 {
            lines.append("left out  \(plan.leftOut.count - 20) more: spillway check lists all")
        }
        return lines
    }

    /// Said before a run when the outputs may be larger than what is free here; nil when they all fit.
    func roomNote() -> String? {
        var status = statvfs()
        guard !spec.outputs.isEmpty, statvfs(folder, &status) == 0 else { return nil }
        let free = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        let most = spec.outputs.reduce(Int64(0)) { sum, output in
            let (total, overflow) = sum.addingReportingOverflow(output.maxSize.value.count)
            return overflow ? .max : total
        }
        guard most > free else { return nil }
        return "outputs may be up to \(Amounts.bytes(most)), and \(Amounts.bytes(free)) are free in this folder"
    }

    /// nil when the state folder lies elsewhere.
    private func relative(_ path: String) -> String? {
        let (root, full) = (absolute(folder), absolute(path))
        let prefix = root == "/" ? "/" : root + "/"
        return full.hasPrefix(prefix) ? String(full.dropFirst(prefix.count)) : nil
    }
}
