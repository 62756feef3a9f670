import Foundation
import Glibc

/// The folder of one machine: its disk, which lives as long as the machine, and the seed of its next boot.
struct GuestDisk: Sendable {
    let folder: URL

    var root: URL { folder.appending(path: "disk") }
    var seed: URL { folder.appending(path: "seed") }
    var console: URL { folder.appending(path: "console.log") }

    /// Makes the disk of a machine that has none yet: an empty root with the accounts of the image.
    func prepare(_ accounts: GuestAccounts) throws {
        let files = FileManager.default
        try files.createDirectory(at: root, withIntermediateDirectories: true)
        for (path, mode) in [
            ("root", 0o700), ("home", 0o755), ("tmp", 0o1777), ("var/tmp", 0o1777), ("var/log", 0o755),
            ("var/lib", 0o755), ("var/cache", 0o755), ("etc/ssh", 0o755), ("run", 0o755), ("opt", 0o755),
            ("srv", 0o755), ("mnt", 0o755), ("usr", 0o755), ("proc", 0o755), ("dev", 0o755),
        ] {
            let url = root.appending(path: path)
            try files.createDirectory(at: url, withIntermediateDirectories: true)
            // Not through attributes: those lose the sticky bit.
            guard chmod(url.path, mode_t(mode)) == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
        for link in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            if let target = try? files.destinationOfSymbolicLink(atPath: "/" + link) {
                try? files.createSymbolicLink(atPath: root.appending(path: link).path, withDestinationPath: target)
            }
        }
        try? files.createSymbolicLink(
            atPath: root.appending(path: "etc/os-release").path, withDestinationPath: "../usr/lib/os-release")
        try write(accounts.passwd, to: "etc/passwd")
        try write(accounts.group, to: "etc/group")
        try write("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n", to: "etc/nsswitch.conf")
        try write("", to: "var/log/lastlog")
        try write(GuestScripts.sshdConfig, to: "etc/ssh/sshd_config")
        try write("/bin/sh\n/bin/bash\n/usr/bin/bash\n", to: "etc/shells")
        try write(
            "export PATH=\(GuestScripts.path)\n[ -z \"$PS1\" ] || PS1='\\u@\\h:\\w# '\n", to: "etc/profile")
        let resolver = (try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? ""
        try write(resolver, to: "etc/resolv.conf")
    }

    func write(hostname: String) throws {
        try write(hostname + "\n", to: "etc/hostname")
        try write("127.0.0.1 localhost\n127.0.1.1 \(hostname)\n::1 localhost\n", to: "etc/hosts")
    }

    private func write(_ text: String, to path: String) throws {
        try PlainFile.write(text.utf8, to: root.appending(path: path))
    }

    func remove() {
        let files = FileManager.default
        do {
            try files.removeItem(at: folder)
        } catch {
            // A folder that the guest made unreadable stops the first attempt.
            let walker = files.enumerator(at: folder, includingPropertiesForKeys: nil)
            while let url = walker?.nextObject() as? URL { chmod(url.path, 0o700) }
            try? files.removeItem(at: folder)
        }
    }
}

/// The accounts of a guest. For an ordinary user of the host every name has the one user id there is, so that `root`
/// logs in; for root of the host, accounts other than root and the image's login user are ordinary users.
struct GuestAccounts: Sendable {
    let users: [String]
    /// Who logs in on the image and may do what root may: nil for root itself.
    let login: String?
    let hostUser = getuid()
    let hostGroup = getgid()

    static let standard = ["spillway", "ubuntu", "debian"]

    private var names: [String] {
        var names = Self.standard
        for name in users + (login.map { [$0] } ?? []) where name != "root" && !names.contains(name) {
            names.append(name)
        }
        return names
    }

    private var numbered: [(name: String, user: uid_t, group: gid_t)] {
        names.enumerated().map { index, name in
            hostUser == 0 && name != login
                ? (name, 1000 + uid_t(index), 1000 + gid_t(index)) : (name, hostUser, hostGroup)
        }
    }

    var passwd: String {
        let people = numbered.map { "\($0.name):x:\($0.user):\($0.group):\($0.name):/home/\($0.name):/bin/bash" }
        let system = [
            "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin", "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin",
        ]
        return (["root:x:\(hostUser):\(hostGroup):root:/root:/bin/bash"] + people + system).joined(separator: "\n")
            + "\n"
    }

    var group: String {
        let people = numbered.map { "\($0.name):x:\($0.group):" }
        let tty = hostUser == 0 ? 5 : hostGroup
        let root = ["root:x:\(hostGroup):", "tty:x:\(tty):", "sudo:x:27:", "nogroup:x:65534:"]
        return (root.prefix(1) + people + root.dropFirst()).joined(separator: "\n") + "\n"
    }

    /// Shell lines that make the homes; only root of the host can give them away.
    var homes: String {
        numbered.map { account in
            let home = "/home/\(account.name)"
            let owner = hostUser == 0 ? "chown \(account.user):\(account.group) \(home)\n" : ""
            return "mkdir -p -m 750 \(home)\n\(owner)"
        }.joined()
    }
}
