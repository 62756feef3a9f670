internal import Glibc
package import SpillwayCore

/// The user configuration on disk: `$XDG_CONFIG_HOME/spillway/config.yaml`, else `~/.config/spillway/config.yaml`.
package struct ConfigurationFile: Sendable {
    package typealias Parser = @Sendable (_ bytes: [UInt8], _ file: String) throws -> DocumentNode

    package let path: String
    private let parse: Parser

    package init(path: String, parse: @escaping Parser) {
        self.path = path
        self.parse = parse
    }

    /// nil when the environment names no home: then there is no configuration either.
    package static func path(environment: [String: String]) -> String? {
        // The XDG specification wants relative paths there to be ignored.
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
            return folder + "/spillway/config.yaml"
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.config/spillway/config.yaml"
    }

    /// What the file says; all defaults when there is none. Throws every problem of the file in one go.
    package func load() throws -> UserConfiguration {
        guard let bytes = try read() else { return UserConfiguration() }
        return try decode(bytes)
    }

    /// The owner id, made and written to the file when it has none. `random` gives that many unguessable bytes.
    package func owner(random: @Sendable (Int) -> [UInt8]) throws -> String {
        if let owner = try load().owner { return owner }
        let fresh = random(8).hex
        // Two commands that start at once agree: what stands in the file in the end is read again.
        if let bytes = try read() { try add(fresh, to: bytes) } else { try create(fresh) }
        guard let owner = try load().owner else { throw unwritten(fresh, "it was changed meanwhile") }
        return owner
    }

    private func decode(_ bytes: [UInt8]) throws -> UserConfiguration {
        let (configuration, problems) = ConfigurationDecoder.decode(try parse(bytes, path))
        guard let configuration else { throw Diagnostics(problems) }
        return configuration
    }

    /// nil when there is no file. It may be a symbolic link, as those who keep such files elsewhere have it.
    private func read() throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT || errno == ENOTDIR { return nil }
        guard file >= 0 else { throw failed(SystemFailure("open", path), "read") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failed(SystemFailure("stat", path), "read") }
        // It says who may be billed and who is asked for our address: nobody else may write it.
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw Diagnostic(
                "config.writable-by-others", "Others may change the user configuration",
                detail: "\(path) belongs to user id \(status.st_uid) and has mode "
                    + "\(String(status.st_mode & 0o7777, radix: 8)); this process runs as \(geteuid()).",
                remedy: "Make it yours alone.", command: "chmod 600 \(ShellWord.quoted(path))",
                exists: StateFailure.untouched)
        }
        do {
            return try Directory.readAll(file, path: path)
        } catch {
            throw failed(error, "read")
        }
    }

    private func create(_ owner: String) throws {
        let text = """
            # Spillway, for all bursts of this user. Keys: docs/configuration.md
            # Copy the owner to your other machines: sweep and destroy --all go by it.
            owner: \(owner)

            """
        var parts = path.split(separator: "/").map(String.init)
        guard let name = parts.popLast() else { return }
        do throws(SystemFailure) {
            var folder = try Directory(path: "/")
            for part in parts { folder = try Self.enter(part, of: folder) }
            _ = try folder.create(name, with: Array(text.utf8), temporary: "\(name).\(owner).tmp")
        } catch {
            throw failed(error, "write")
        }
    }

    /// Into a folder of the way, which may be a symbolic link; made (0700) where it is missing.
    private static func enter(_ name: String, of folder: Directory) throws(SystemFailure) -> Directory {
        do throws(SystemFailure) {
            return try Directory(path: folder.path(of: name))
        } catch {
            guard error.code == ENOENT else { throw error }
            return try folder.makeSubfolder(name)
        }
    }

    /// Adds a line to what the user wrote, if the file then says the same and the owner; else the user is asked to.
    private func add(_ owner: String, to bytes: [UInt8]) throws {
        let before = try decode(bytes)
        let ending: [UInt8] = bytes.isEmpty || bytes.last == 10 ? [] : [10]
        let text = bytes + ending + Array("owner: \(owner)\n".utf8)
        var expected = before
        expected.owner = owner
        guard let after = try? decode(text), after == expected else {
            throw unwritten(owner, "its form leaves no room for another line")
        }
        guard let resolved = realpath(path, nil) else { throw failed(SystemFailure("realpath", path), "write") }
        defer { free(resolved) }
        let real = String(cString: resolved)
        let name = String(real[(real.lastIndex(of: "/").map(real.index(after:)) ?? real.startIndex)...])
        do throws(SystemFailure) {
            try Directory(path: String(real.dropLast(name.count))).replace(name, with: text)
        } catch {
            throw failed(error, "write")
        }
    }

    private func unwritten(_ owner: String, _ why: String) -> Diagnostic {
        Diagnostic(
            "config.no-owner", "The user configuration has no owner",
            detail: "An owner id could not be added to \(path): \(why).",
            remedy: "Add this line to it: owner: \(owner)",
            exists: StateFailure.untouched)
    }

    private func failed(_ failure: SystemFailure, _ verb: String) -> Diagnostic {
        Diagnostic(
            "config.io", "The user configuration cannot be used",
            detail: "Could not \(verb) \(path): \(failure.call): \(failure.reason).",
            remedy: "Check its permissions, or set XDG_CONFIG_HOME to a folder of yours.",
            exists: StateFailure.untouched)
    }
}
