import ArgumentParser
import Glibc
import SpillwayCore
import SpillwayEngine

struct SSHCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "A shell on an instance, or one command after --, through OpenSSH's client.",
        discussion: "With the keys and the pinned host key of the run alone: no agent, no ~/.ssh/config.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var burst: BurstOptions

    @Option(help: "Which node.")
    var node = 0

    @Argument(parsing: .postTerminator, help: "The command.")
    var command: [String] = []

    func run() async throws {
        let invocation = Invocation(global)
        let known = try burst.find(invocation)
        let nodes = try LiveNodes(known)
        let target = await (try nodes.link(node)).target
        let keyFile = try known.keys().path(.client, run: nodes.run.id)
        let hosts = "\(known.stateDir)/keys/\(nodes.run.id)/known_hosts-\(node)"
        let lines = target.hostKeys.map {
            "[\(target.address)]:\(target.port) \($0.line)\n\(target.address) \($0.line)\n"
        }
        try KnownHosts.write(lines.joined(), to: hosts)
        let options = [
            "UserKnownHostsFile=\(hosts)", "GlobalKnownHostsFile=/dev/null", "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes", "IdentityAgent=none", "ForwardAgent=no", "PasswordAuthentication=no",
            "LogLevel=ERROR",
        ]
        let arguments =
            ["ssh", "-F", "/dev/null", "-i", absolute(keyFile), "-p", String(target.port)]
            + options.flatMap { ["-o", $0] } + ["\(target.user)@\(target.address)"] + command
        var argv = arguments.map { strdup($0) }
        argv.append(nil)
        execvp("ssh", argv)
        throw Diagnostic(
            "ssh.client-missing", "OpenSSH's client is not installed", detail: String(cString: strerror(errno)),
            remedy: "Install it.", command: "apt-get install openssh-client")
    }
}

/// The file that OpenSSH's client checks the host key against.
enum KnownHosts {
    static func write(_ text: String, to path: String) throws(Diagnostic) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Diagnostic(
                "state.unwritable", "The state folder cannot be written to",
                detail: "\(path): \(String(cString: strerror(errno)))", exists: "Nothing was changed.")
        }
    }
}
