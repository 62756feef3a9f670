internal import Glibc
internal import SpillwayCore

/// The diagnostics of the state folder: one function per thing that can be wrong, so that wording and code stay together.
enum StateFailure {
    /// A system call failed while `doing` ("append to the journal of render"). `exists` says what it means for the cloud.
    static func system(_ failure: SystemFailure, doing: String, exists: String? = nil) -> Diagnostic {
        let detail = "Could not \(doing): \(failure.call) \(failure.path): \(failure.reason)."
        let again = "then run the same command again: it looks up what exists before it does anything"
        switch failure.code {
        case ENOSPC, EDQUOT, EFBIG:
            return Diagnostic(
                "state.disk-full", "no room left to write the state", detail: detail,
                remedy: "Free some space, \(again).", command: "df -h \(ShellWord.quoted(failure.path))", exists: exists
            )
        case EROFS:
            return Diagnostic(
                "state.read-only", "the state folder is on a read-only file system", detail: detail,
                remedy: "Make it writable or choose another folder with --state-dir, \(again).", exists: exists)
        case EACCES, EPERM:
            return Diagnostic(
                "state.permission", "the state folder cannot be used with your permissions", detail: detail,
                remedy: "Run as the folder's owner or choose another folder with --state-dir, \(again).",
                command: "ls -ld \(ShellWord.quoted(failure.path))", exists: exists)
        case ENOENT where failure.call == "mkdir":
            let parent = failure.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            return Diagnostic(
                "state.no-parent", "there is no folder for the state folder to be in", detail: detail,
                remedy: "Make it, or choose another folder with --state-dir.",
                command: "mkdir -p \(ShellWord.quoted(parent.joined(separator: "/")))", exists: exists)
        case ENOTDIR, ELOOP, EINVAL, EISDIR:
            return Diagnostic(
                "state.foreign-file", "something else stands where a file of the state belongs", detail: detail,
                remedy: "Look at it and move it away, \(again).", command: "ls -ld \(ShellWord.quoted(failure.path))",
                exists: exists)
        default:
            return Diagnostic(
                "state.io", "the state could not be read or written", detail: detail,
                remedy: "Check the disk, \(again).", exists: exists)
        }
    }

    static func notAFolder(_ path: String) -> Diagnostic {
        Diagnostic(
            "state.not-a-folder", "the state folder is not a folder", detail: "\(path) exists and is something else.",
            remedy: "Move it away or choose another folder with --state-dir.", exists: untouched)
    }

    static func otherOwner(_ path: String, owner: UInt32, we: UInt32) -> Diagnostic {
        Diagnostic(
            "state.other-owner", "the state folder belongs to another user",
            detail: "\(path) is owned by user id \(owner); this process runs as \(we). "
                + "Keys and the knowledge of what is running are not shared between users.",
            remedy: "Run as its owner or choose another folder with --state-dir.",
            command: "ls -ld \(ShellWord.quoted(path))", exists: untouched)
    }

    static func writableByOthers(_ path: String, mode: UInt32) -> Diagnostic {
        Diagnostic(
            "state.writable-by-others", "others may write to the state folder",
            detail: "\(path) has mode \(String(mode & 0o7777, radix: 8)): whoever can write there decides what is "
                + "destroyed and which keys are trusted.",
            remedy: "Take the permission away, then run the same command again.",
            command: "chmod 700 \(ShellWord.quoted(path))", exists: untouched)
    }

    static func newerVersion(_ path: String, version: Int) -> Diagnostic {
        Diagnostic(
            "state.newer-version", "the state was written by a newer spillway",
            detail: "\(path) has version \(version); this spillway reads up to \(BurstState.currentVersion).",
            remedy: "Use the newer spillway for this folder.", command: "spillway version", exists: untouched)
    }

    static func corrupt(
        _ path: String, burst: String, why: String, line: Int? = nil, backup: String?, remedy: String? = nil
    ) -> Diagnostic {
        let place = line.map { "\(path), line \($0)" } ?? path
        let kept = backup.map { "The latest good backup is \($0)." } ?? "There is no good backup of it."
        return Diagnostic(
            "state.corrupt", "the state does not make sense", detail: "\(place): \(why). \(kept)",
            remedy: remedy
                ?? "Look at what is left. Whatever carries this burst's tags is still found in the cloud by sweep.",
            command: "spillway state show \(burst)", exists: untouched,
            source: line.map { SourceLocation(file: path, line: $0, column: 1) })
    }

    /// Somebody changed a file under us, or a caller broke the rules of ``StateStore``: going on would lose records.
    static func moved(_ path: String, why: String) -> Diagnostic {
        Diagnostic(
            "state.moved", "the state changed under this command", detail: "\(path): \(why).",
            remedy: "Make sure that nothing else writes to the folder, then run the same command again.",
            exists: "What was written before is kept; this command wrote nothing more.")
    }

    static func badName(_ name: String, what: String) -> Diagnostic {
        Diagnostic(
            "state.bad-name", "not a name that the state can hold",
            detail:
                "The \(what) \"\(name)\" does not match \(what == "burst" ? StateNames.burstRule : StateNames.runRule).",
            remedy: "List what this folder knows.", command: "spillway state list", exists: untouched, exit: .usage)
    }

    static let untouched = "Nothing was changed."
}
