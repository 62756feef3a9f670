import Foundation
import Glibc

/// What a machine boots from, written out as files and scripts that its first process applies inside the sandbox.
struct GuestSeed: Sendable {
    var config: CloudConfig
    var hostname: String
    var isFirstBoot: Bool
    /// Keys from IAM and from tags, which every boot writes anew, with those in `/root/.ssh/instance_keys`; keys from
    /// user data are there until then only.
    var projectKeys: [String]
    /// nil where root logs in.
    var login: Login?

    /// The user of an image of EC2, who gets the keys that root gets elsewhere.
    struct Login: Sendable {
        var user: String
        var keys: [String]
        /// Where the guest asks about itself.
        var metadata: String
    }

    private var accounts: GuestAccounts { GuestAccounts(users: config.users.map(\.name), login: login?.user) }

    func write(to folder: URL) throws {
        let files = FileManager.default
        try? files.removeItem(at: folder)
        try files.createDirectory(
            at: folder.appending(path: "files"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        func put(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
            try PlainFile.write(text.utf8, to: folder.appending(path: name), mode: mode)
        }
        chmod(folder.path, 0o700)
        try put(
            "env",
            """
            PATH=\(GuestScripts.path)
            SIM_NAME=\(ShellWord.quote(hostname))
            SIM_FIRST=\(isFirstBoot ? 1 : 0)
            SIM_DATASOURCE=\(login == nil ? "DataSourceScaleway" : "DataSourceEc2Local")
            SIM_METADATA=\(login.map { "AWS_EC2_METADATA_SERVICE_ENDPOINT=\($0.metadata)" } ?? "")
            TZ=\(ShellWord.quote(config.timezone ?? "UTC"))

            """)
        try put("start", GuestScripts.start, mode: 0o700)
        if let script = config.bootScript { try put("bootcmd", script) }
        if let script = config.runScript { try put("run", script, mode: 0o700) }
        if let message = config.finalMessage { try put("final_message", message + "\n") }
        if login == nil, config.disablesRoot != true {
            try put(
                "authorized_keys", (projectKeys + (isFirstBoot ? config.rootKeys : [])).joined(separator: "\n") + "\n")
        }
        if let key = config.hostPrivateKey { try put("host_key", key.hasSuffix("\n") ? key : key + "\n") }
        if let key = config.hostPublicKey { try put("host_key.pub", key.trimmed + "\n") }
        for (index, file) in config.files.enumerated() {
            try PlainFile.write(file.content, to: folder.appending(path: "files/\(index)"), mode: 0o600)
        }
        try put("prepare", prepareScript)
    }

    private func admit(_ user: String, _ keys: [String]) -> [String] {
        if keys.isEmpty { return [] }
        let folder = ShellWord.quote(user == "root" ? "/root/.ssh" : "/home/\(user)/.ssh")
        let lines = keys.map { "printf '%s\\n' \(ShellWord.quote($0)) >>\(folder)/authorized_keys" }
        return ["mkdir -p -m 700 \(folder)"] + lines + ["chmod 600 \(folder)/authorized_keys"]
            + (getuid() == 0 ? ["chown -R \(ShellWord.quote(user)): \(folder)"] : [])
    }

    /// What cloud-init writes before root's keys unless `disable_root` is false.
    private static func refusal(_ user: String) -> String {
        "no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"echo 'Please login as the user \\\"\(user)\\\" "
            + "rather than the user \\\"root\\\".';echo;sleep 10;exit 142\" "
    }

    /// The first boot's work on the disk, done inside so that no path in user data can lead outside.
    private var prepareScript: String {
        var lines = ["set -eu", "seed=/run/cloudsim/seed", "ssh=/etc/ssh"]
        lines.append(accounts.homes)
        if config.hostPrivateKey != nil {
            lines.append("(umask 077; cat $seed/host_key >$ssh/ssh_host_ed25519_key)")
            // The public half is made from the private one: a pair that does not match must not pass.
            lines.append("public=$(ssh-keygen -y -f $ssh/ssh_host_ed25519_key)")
            lines.append(
                "echo \"$(echo \"$public\" | cut -d' ' -f1,2) root@$(hostname)\" >$ssh/ssh_host_ed25519_key.pub")
            if config.hostPublicKey != nil {
                lines.append(
                    "[ \"$(cut -d' ' -f1,2 $seed/host_key.pub)\" = \"$(cut -d' ' -f1,2 $ssh/ssh_host_ed25519_key.pub)\" ]"
                        + " || { echo 'cloudsim: ssh_keys: the public key does not belong to the private one'; exit 1; }"
                )
            }
        }
        for user in config.users { lines += admit(user.name, user.keys) }
        if let login {
            let keys = login.keys + config.rootKeys
            lines += admit(login.user, keys)
            lines += admit("root", config.disablesRoot == false ? keys : keys.map { Self.refusal(login.user) + $0 })
        }
        for (index, file) in config.files.enumerated() {
            let path = ShellWord.quote(file.path)
            lines.append("mkdir -p \"$(dirname \(path))\"")
            lines.append("cat $seed/files/\(index) \(file.appends ? ">>" : ">")\(path)")
            lines.append("chmod \(ShellWord.quote(file.permissions)) \(path)")
            if let owner = file.owner, getuid() == 0 { lines.append("chown \(ShellWord.quote(owner)) \(path)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
