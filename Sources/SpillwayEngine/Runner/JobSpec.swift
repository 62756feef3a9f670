package import SpillwayCore

/// What a run asks of one instance, ready to be sent: no clock, no secret source, no cloud in it.
package struct JobSpec: Sendable, Hashable {
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Letters, digits, `.`, `_` and `-` alone: it names folders and units on the instance.
    package var runID: String
    /// Where `setup` and `command` start: absolute, or below the account's home.
    package var workdir: String
    package var setup: String?
    package var command: String
    /// Runs `command` as the login user, which is root on real machines.
    package var asRoot: Bool
    package var env: [Variable]
    /// Sent on standard input to a file in memory there; never in arguments, never stored here.
    package var secrets: [Variable]
    /// Bounds `command`.
    package var timeout: Seconds?
    /// From `start` until the job must have ended, so that its results can still be fetched.
    package var remaining: Seconds?
    /// Between asking a job to end and making it.
    package var grace: Seconds
    /// A shell text that ends well once the machine is about to be taken back; asked every five seconds, and the job is
    /// ended then. nil where that cannot be.
    package var notice: String?
    /// Who `command` runs as where the login user is root.
    package var account: Account

    /// The ordinary user of the instance, made if missing.
    package struct Account: Sendable, Hashable {
        package var user: String
        /// nil is the account's own home.
        package var home: String?

        package init(user: String = "spillway", home: String? = nil) {
            self.user = user
            self.home = home
        }
    }

    package init(
        runID: String, workdir: String, setup: String? = nil, command: String, asRoot: Bool = false,
        env: [Variable] = [], secrets: [Variable] = [], timeout: Seconds? = nil, remaining: Seconds? = nil,
        grace: Seconds = Seconds(10), notice: String? = nil, account: Account = Account()
    ) {
        self.runID = runID
        self.workdir = workdir
        self.setup = setup
        self.command = command
        self.asRoot = asRoot
        self.env = env
        self.secrets = secrets
        self.timeout = timeout
        self.remaining = remaining
        self.grace = grace
        self.notice = notice
        self.account = account
    }

    /// The supervisor and all that it reads, secrets excepted.
    var files: [ShippedFile] {
        var files = [
            Self.file("supervisor", Supervisor.script, executable: true),
            Self.file("settings", settings),
            Self.file("env", ShellQuoting.exports(env.map { ($0.name, $0.value) })),
            Self.file("command", command + "\n", executable: true),
        ]
        if let setup { files.append(Self.file("setup", setup + "\n", executable: true)) }
        return files
    }

    /// What `start` is given on its standard input.
    var secretsFile: [UInt8] {
        Array(ShellQuoting.exports(secrets.map { ($0.name, $0.value) }).utf8)
    }

    private var settings: String {
        let values = [
            ("run", runID),
            ("user", asRoot ? "" : account.user),
            ("home", account.home ?? ""),
            ("workdir", workdir),
            ("timeout", timeout.map { String($0.count) } ?? ""),
            ("deadline", remaining.map { String(max(1, $0.count)) } ?? ""),
            ("grace", String(grace.count)),
            ("notice", notice ?? ""),
        ]
        return values.map { "\($0.0)=\(ShellQuoting.quote($0.1))\n" }.joined()
    }

    private static func file(_ name: String, _ text: String, executable: Bool = false) -> ShippedFile {
        ShippedFile(localPath: "", remotePath: name, kind: .data(Array(text.utf8), executable: executable))
    }
}
