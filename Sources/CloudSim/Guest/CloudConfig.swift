import Yams

/// What a guest does with its user data: the part of `#cloud-config` that cloudsim knows, or a `#!` script.
struct CloudConfig: Sendable {
    struct File: Sendable, Equatable {
        var path: String
        var content: [UInt8]
        var permissions: String
        var owner: String?
        var appends: Bool
    }

    struct User: Sendable, Equatable {
        var name: String
        var shell: String
        var keys: [String]
    }

    var hostname: String?
    var hostPrivateKey: String?
    var hostPublicKey: String?
    var rootKeys: [String] = []
    /// `disable_root`, where it is said.
    var disablesRoot: Bool?
    var users: [User] = []
    var files: [File] = []
    /// Runs at every boot, before anything else.
    var bootScript: String?
    /// Runs at the end of the first boot.
    var runScript: String?
    var finalMessage: String?
    var timezone: String?

    init() {}

    /// Throws for anything that a real guest would do and this one cannot.
    init(userData text: String) throws {
        self.init()
        let firstLine = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        if text.hasPrefix("#!") {
            runScript = text
        } else if firstLine.trimmed == "#cloud-config" {
            try apply(cloudConfig: text)
        } else if !text.trimmed.isEmpty {
            throw UserDataError("user data is neither '#cloud-config' nor a '#!' script; it begins with '\(firstLine)'")
        }
    }

    private mutating func apply(cloudConfig text: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw UserDataError("the cloud-config is not valid YAML: \(error)")
        }
        guard let root, root != Node("") else { return }
        guard let mapping = root.mapping else { throw UserDataError("the cloud-config is not a mapping") }
        for (key, value) in mapping { try apply(key.string ?? "", value) }
    }

    private mutating func apply(_ key: String, _ value: Node) throws {
        switch key {
        case "hostname": hostname = value.string
        case "fqdn": hostname = hostname ?? value.string?.split(separator: ".").first.map(String.init)
        case "ssh_keys": try applyHostKeys(value)
        case "ssh_authorized_keys": rootKeys += try strings(value, key)
        case "disable_root": disablesRoot = value.bool
        case "users": try applyUsers(value)
        case "write_files": files = try sequence(value, key).map(file)
        case "bootcmd": bootScript = try script(value, key)
        case "runcmd": runScript = try script(value, key)
        case "packages":
            if !(try sequence(value, key)).isEmpty { throw UserDataError.unsupported("packages (not empty)") }
        case "package_update", "package_upgrade", "package_reboot_if_required", "ssh_pwauth":
            if value.bool == true { throw UserDataError.unsupported("\(key): true") }
        case "final_message": finalMessage = value.string
        case "timezone": timezone = value.string
        case "ssh_genkeytypes":
            if !(try strings(value, key)).contains("ed25519") {
                throw UserDataError.unsupported("\(key) without ed25519")
            }
        case "locale", "preserve_hostname", "manage_etc_hosts", "ssh_deletekeys", "ssh_quiet_keygen",
            "no_ssh_fingerprints", "growpart", "resize_rootfs":
            break
        default: throw UserDataError.unsupported(key)
        }
    }

    private mutating func applyHostKeys(_ value: Node) throws {
        guard let mapping = value.mapping else { throw UserDataError("ssh_keys is not a mapping") }
        for (key, value) in mapping {
            switch key.string {
            case "ed25519_private": hostPrivateKey = value.string
            case "ed25519_public": hostPublicKey = value.string
            default: throw UserDataError.unsupported("ssh_keys.\(key.string ?? "")")
            }
        }
    }

    private mutating func applyUsers(_ value: Node) throws {
        for item in try sequence(value, "users") {
            if item.string == "default" { continue }
            guard let mapping = item.mapping, let name = mapping["name"]?.string else {
                throw UserDataError("an entry of users has no name")
            }
            var user = User(name: name, shell: "/bin/bash", keys: [])
            for (key, value) in mapping {
                switch key.string ?? "" {
                case "name", "gecos", "lock_passwd", "groups", "sudo", "no_user_group", "system": break
                case "shell": user.shell = value.string ?? user.shell
                case "ssh_authorized_keys": user.keys = try strings(value, "users.ssh_authorized_keys")
                default: throw UserDataError.unsupported("users.\(key.string ?? "")")
                }
            }
            if name == "root" { rootKeys += user.keys } else { users.append(user) }
        }
    }

    private func file(_ node: Node) throws -> File {
        guard let mapping = node.mapping, let path = mapping["path"]?.string, path.hasPrefix("/") else {
            throw UserDataError("an entry of write_files has no absolute path")
        }
        for key in mapping.keys {
            let known = ["path", "content", "permissions", "owner", "encoding", "append", "defer"]
            if !known.contains(key.string ?? "") { throw UserDataError.unsupported("write_files.\(key.string ?? "")") }
        }
        let text = mapping["content"]?.string ?? ""
        let content: [UInt8]
        switch mapping["encoding"]?.string ?? "text/plain" {
        case "text/plain": content = Array(text.utf8)
        case "b64", "base64":
            guard let decoded = Self.decode(base64: text) else { throw UserDataError("\(path) is not valid base64") }
            content = decoded
        case let other: throw UserDataError.unsupported("write_files.encoding: \(other)")
        }
        return File(
            path: path, content: content, permissions: mapping["permissions"]?.string ?? "0644",
            owner: mapping["owner"]?.string, appends: mapping["append"]?.bool ?? false)
    }

    /// One script, as cloud-init makes it: strings are lines of shell, lists are commands with quoted arguments.
    private func script(_ value: Node, _ key: String) throws -> String {
        let lines = try sequence(value, key).map { item -> String in
            if item.sequence != nil { return try strings(item, key).map(ShellWord.quote).joined(separator: " ") }
            guard let line = item.string else { throw UserDataError("an entry of \(key) is neither text nor a list") }
            return line
        }
        return (["#!/bin/sh"] + lines).joined(separator: "\n") + "\n"
    }

    private func sequence(_ value: Node, _ key: String) throws -> [Node] {
        if value.null != nil { return [] }
        guard let items = value.sequence else { throw UserDataError("\(key) is not a list") }
        return Array(items)
    }

    private func strings(_ value: Node, _ key: String) throws -> [String] {
        try sequence(value, key).map {
            guard let text = $0.scalar?.string else { throw UserDataError("an entry of \(key) is not text") }
            return text
        }
    }
}
