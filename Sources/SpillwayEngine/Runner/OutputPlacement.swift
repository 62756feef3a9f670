internal import Glibc

/// The local half of one output: a staging folder beside its target, and the move of what was verified into place.
///
/// Files are put in place one by one by rename, so that a reader sees the old one or the new one. No link is followed
/// below the spec's folder: what lies there may have been made by anybody.
struct OutputPlacement {
    private let folder: Directory
    /// Where the target lies, and its name: ".", or a name in `parent`.
    private let parent: Directory
    private let name: String
    private let staging: Directory
    private let stagingName: String
    private let stagingParent: Directory

    /// `target` is relative to `root` and stays inside it, unless `allowOutside`. Folders on the way are made.
    init(root: String, target: String, run: String, allowOutside: Bool) throws(SystemFailure) {
        let isAbsolute = target.hasPrefix("/")
        let parts = target.split(separator: "/").filter { $0 != "." }.map(String.init)
        guard allowOutside || (!isAbsolute && !parts.contains("..")) else {
            throw SystemFailure("open", target, code: EXDEV)
        }
        folder = try Directory(path: isAbsolute ? "/" : root)
        var parent = folder
        for part in parts.dropLast() {
            guard part == ".." else {
                parent = try parent.makeOpenSubfolder(part)
                continue
            }
            parent = try Directory(path: parent.path(of: ".."))
        }
        self.parent = parent
        name = parts.last ?? "."
        // A target that is a mount of its own cannot be renamed into from beside it.
        let existing = try parent.subfolder(name)
        let elsewhere =
            try existing.map { (own) throws(SystemFailure) in try own.status.st_dev } != parent.status.st_dev
        stagingParent = if let existing, elsewhere { existing } else { parent }
        stagingName = ".spillway-partial-\(run)"
        try stagingParent.removeTree(stagingName)
        staging = try stagingParent.makeSubfolder(stagingName)
    }

    var stagingPath: String { staging.path }

    /// Bytes that may still be written where the target lies.
    var free: Int64 {
        var status = statvfs()
        guard fstatvfs(staging.descriptor, &status) == 0 else { return .max }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Moves a staged tree into the target, a folder. `skip` says which paths below it stay behind.
    /// Returns what could not be placed, with the reason.
    func placeFolder(
        _ staged: String, skip: (String) -> Bool
    ) throws(SystemFailure) -> [(path: String, reason: String)] {
        guard let source = try staging.subfolder(staged) else { return [] }
        let target = name == "." ? parent : try parent.makeOpenSubfolder(name)
        return try Self.merge(source, into: target, below: "", skip: skip)
    }

    /// Moves a staged file to the target: into it under its own name where `target` is a folder or ends in "/".
    func placeFile(_ staged: String, intoFolder: Bool) throws(SystemFailure) {
        let own = staged.split(separator: "/").last.map(String.init) ?? staged
        if name == "." || intoFolder {
            let target = name == "." ? parent : try parent.makeOpenSubfolder(name)
            try Self.move(staged, in: staging, to: own, in: target)
        } else if let target = try? parent.subfolder(name) {
            try Self.move(staged, in: staging, to: own, in: target)
        } else {
            try Self.move(staged, in: staging, to: name, in: parent)
        }
    }

    /// Removes what was not placed.
    func discard() throws(SystemFailure) {
        try stagingParent.removeTree(stagingName)
    }

    private static func merge(
        _ source: Directory, into target: Directory, below path: String, skip: (String) -> Bool
    ) throws(SystemFailure) -> [(path: String, reason: String)] {
        var failed: [(path: String, reason: String)] = []
        for name in try source.names() {
            let below = path.isEmpty ? name : "\(path)/\(name)"
            do throws(SystemFailure) {
                if let folder = try source.openSubfolder(name) {
                    failed += try merge(folder, into: target.makeOpenSubfolder(name), below: below, skip: skip)
                } else if !skip(below) {
                    try move(name, in: source, to: name, in: target)
                }
            } catch {
                failed.append((below, error.reason))
            }
        }
        return failed
    }

    private static func move(
        _ name: String, in source: Directory, to newName: String, in target: Directory
    ) throws(SystemFailure) {
        guard renameat(source.descriptor, name, target.descriptor, newName) == 0 else {
            throw SystemFailure("rename", target.path(of: newName))
        }
    }
}

extension Directory {
    /// As ``makeSubfolder(_:)`` with the permissions of an ordinary folder.
    fileprivate func makeOpenSubfolder(_ name: String) throws(SystemFailure) -> Directory {
        guard mkdirat(descriptor, name, 0o777) == 0 || errno == EEXIST else {
            throw SystemFailure("mkdir", path(of: name))
        }
        guard let made = try subfolder(name) else { throw SystemFailure("open", path(of: name), code: ENOENT) }
        return made
    }

    /// nil when `name` is no folder: a file, or a link to whatever.
    fileprivate func openSubfolder(_ name: String) throws(SystemFailure) -> Directory? {
        do throws(SystemFailure) {
            return try subfolder(name)
        } catch {
            if error.code == ENOTDIR || error.code == ELOOP { return nil }
            throw error
        }
    }

    /// Removes `name` and all below it; a missing one is as good.
    fileprivate func removeTree(_ name: String) throws(SystemFailure) {
        guard let folder = try openSubfolder(name) else {
            try remove(name)
            return
        }
        // What an instance sent may have no permissions at all; it is ours to remove.
        _ = fchmod(folder.descriptor, 0o700)
        for inner in try folder.names() { try folder.removeTree(inner) }
        try remove(name, folder: true)
    }
}
