import Foundation
import Glibc

/// How a machine's processes are fenced off with bubblewrap: own files, processes, IPC and host name; the host's `/usr`
/// to read and its network to listen on; nothing else of the host.
struct Sandbox: Sendable {
    /// Where the scripts that stand for power commands lie, shared by all machines.
    let shadows: URL

    private static let executables =
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        + ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]

    static func find(_ name: String) -> String? {
        executables.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Tries the sandbox once with a command that does nothing.
    func verdict() -> SandboxVerdict {
        guard let bwrap = Self.find("bwrap") else {
            return .refused("bubblewrap is missing; install it: sudo apt-get install bubblewrap")
        }
        guard access("/usr/sbin/sshd", X_OK) == 0, Self.find("ssh-keygen") != nil else {
            return .refused("the OpenSSH server is missing; install it: sudo apt-get install openssh-server")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: bwrap)
        process.arguments =
            Self.isolation + ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--", "/bin/true"]
        let errors = Pipe()
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch { return .refused("bubblewrap cannot be started: \(error)") }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).trimmed
        process.waitUntilExit()
        if process.terminationStatus == 0 { return .possible }
        return .refused(
            "no sandbox can be made here (\(said)); allow user namespaces "
                + "(sudo sysctl kernel.unprivileged_userns_clone=1, on Ubuntu also "
                + "kernel.apparmor_restrict_unprivileged_userns=0)"
        )
    }

    private static var isolation: [String] {
        let spaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
        guard getuid() == 0 else { return ["--unshare-user"] + spaces }
        // Root of the host stays root of the host inside: keep what sshd and a job need, none of what reaches outside.
        let kept = [
            "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SYS_CHROOT",
        ]
        return spaces + ["--cap-drop", "ALL"] + kept.flatMap { ["--cap-add", "CAP_\($0)"] }
    }

    /// The command line that boots a machine.
    func command(disk: GuestDisk, hostname: String) -> [String] {
        var arguments = [Self.find("bwrap") ?? "bwrap"] + Self.isolation
        arguments += ["--info-fd", "3", "--hostname", hostname, "--bind", disk.root.path, "/"]
        arguments += [
            "--dev", "/dev", "--proc", "/proc", "--perms", "1777", "--tmpfs", "/dev/shm", "--ro-bind", "/usr", "/usr",
        ]
        for folder in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/" + folder)) != nil
            if !isLink { arguments += ["--ro-bind-try", "/\(folder)", "/\(folder)"] }
        }
        for path in Self.sharedSettings { arguments += ["--ro-bind-try", "/etc/\(path)", "/etc/\(path)"] }
        arguments += ["--tmpfs", "/run", "--ro-bind", disk.seed.path, "/run/cloudsim/seed"]
        arguments += shadowArguments
        return arguments + ["--chdir", "/", "--", "/bin/sh", "/run/cloudsim/seed/start"]
    }

    /// Settings of the host that programs in its `/usr` need and that tell nothing about it.
    private static let sharedSettings = [
        "alternatives", "ssl", "ca-certificates", "pki", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts",
        "python3",
        "perl", "mime.types", "services", "protocols", "magic", "localtime", "debian_version", "ImageMagick-6", "R",
    ]

    // MARK: Power commands

    private var shadowArguments: [String] {
        var arguments = [
            "--ro-bind", "/usr/sbin", "/run/cloudsim/sbin", "--ro-bind", shadows.appending(path: "sbin").path,
            "/usr/sbin",
        ]
        if access("/usr/local/sbin", F_OK) == 0 {
            arguments += ["--ro-bind", shadows.appending(path: "local").path, "/usr/local/sbin"]
        }
        // Where a command is a file of its own under /usr/bin it is covered there too; links end in one of these.
        for name in GuestScripts.powerNames {
            let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/usr/bin/\(name)")) != nil
            if !isLink, access("/usr/bin/\(name)", F_OK) == 0 {
                arguments += ["--ro-bind", shadows.appending(path: "local/\(name)").path, "/usr/bin/\(name)"]
            }
        }
        return arguments
    }

    /// Tries the sandbox and writes what machines share; safe to do twice, by two at once.
    func prepared() -> SandboxVerdict {
        let verdict = verdict()
        guard verdict == .possible, access(shadows.appending(path: "sbin").path, F_OK) != 0 else { return verdict }
        do { try prepare() } catch { return .refused("the folder \(shadows.path) cannot be written: \(error)") }
        return verdict
    }

    /// Writes the scripts, and a stand-in for `/usr/sbin` in which every command leads to the host's but those of power.
    func prepare() throws {
        let files = FileManager.default
        let draft = shadows.deletingLastPathComponent().appending(path: "shadows-\(UUID().uuidString)")
        defer { try? files.removeItem(at: draft) }
        let sbin = draft.appending(path: "sbin")
        let local = draft.appending(path: "local")
        for folder in [sbin, local] {
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in GuestScripts.powerNames { try put(GuestScripts.power, at: folder.appending(path: name)) }
        }
        try put(GuestScripts.cloudInit, at: local.appending(path: "cloud-init"))
        try put(GuestScripts.sudo, at: local.appending(path: "sudo"))
        if getuid() != 0 {
            for name in GuestScripts.changeUserNames {
                try put(GuestScripts.changeUser, at: local.appending(path: name))
            }
        }
        for name in try files.contentsOfDirectory(atPath: "/usr/sbin") where !GuestScripts.powerNames.contains(name) {
            let link = try? files.destinationOfSymbolicLink(atPath: "/usr/sbin/\(name)")
            try files.createSymbolicLink(
                atPath: sbin.appending(path: name).path, withDestinationPath: link ?? "/run/cloudsim/sbin/\(name)")
        }
        // Complete or not there: whoever comes second finds the first one's.
        try? files.moveItem(at: draft, to: shadows)
    }

    private func put(_ script: String, at url: URL) throws {
        try PlainFile.write(script.utf8, to: url, mode: 0o755)
    }
}
