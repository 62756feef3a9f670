/// The spec, key by key: the one description behind decoding, the JSON Schema, the reference and "did you mean".
enum SpecLanguage {
    static let root = Shape<SpecDraft>.record(fields, draft: SpecDraft.init(at:), finish: SpecChecks.check)

    static let fields: [Field<SpecDraft>] = [
        Field(
            "name", \.spec.name, Notations.burstName.located, .required,
            "The name of the burst. It names the state file, the tags and the resources; two bursts need two names."),
        Field(
            "provider", \.spec.providers, providers, .required, aliases: ["cloud", "backend", "backends"],
            """
            Where the machine comes from. `local` is the simulated cloud on this machine, at no cost. \
            From a list the cheapest offer that fits is taken.
            """),
        Field(
            "zone", \.spec.zones, zones, .standard("the provider's default zone, or all by requirements"),
            aliases: ["zones", "region", "regions", "availability_zones"],
            """
            The zone, or several to try in order when one has no capacity. By requirements the cheapest of them comes \
            first; without a zone, of all there are.
            """),
        Field("resources", \.spec.resources, resources, .standard("see its keys"), "The machine."),
        Field(
            "nodes", \.spec.nodes, Shape.integer(1...1000).located, .standard("1"), aliases: ["num_nodes", "replicas"],
            "How many machines of this kind."),
        Field(
            "budget", \.budget, budget, .standard("the default budget of the user configuration"),
            "The bounds of the burst. Without both of them it is refused."),
        Field(
            "files", \.spec.files, file.list(), .standard("nothing is shipped"),
            aliases: ["workdir", "file_mounts", "volumes", "upload", "inputs"],
            """
            What is shipped to the instance. `.spillwayignore`, else `.gitignore`, says what is left out. The state \
            folder, keys and the targets of `outputs` are never shipped; files that look like credentials are \
            refused unless an entry names them.
            """),
        Field(
            "env", \.spec.env, env, .standard("empty"), aliases: ["envs", "environment"],
            "Variables of the job, and of `setup`."),
        Field(
            "secrets", \.spec.secrets, secret.list(), .standard("none"),
            """
            Variables whose values are taken from this machine when the burst runs, sent over SSH only, and written \
            nowhere. A name alone means the variable of that name here.
            """),
        Field(
            "setup", \.spec.setup,
            Notations.anyText("a shell command", plural: "commands", examples: ["apt-get install -y ffmpeg"]),
            .optional,
            "A shell text, run as root before the job. If it fails, the job does not start."),
        Field(
            "run", \.spec.run, run, .optional, aliases: ["command", "commands", "cmd", "script", "entrypoint"],
            """
            The job: a shell text, run by an ordinary user in the target of the first entry of `files`. \
            Without it the burst only provisions, unless a command follows `spillway run --`.
            """),
        Field(
            "timeout", \.spec.timeout, Notations.duration.located,
            .standard("what `max_duration` leaves"),
            """
            Bounds `run`. It must leave room for boot, collecting and teardown inside `max_duration`: a tenth of it, \
            at least 1m, at most 10m.
            """),
        Field(
            "retries", \.spec.retries, retries, .standard("none"), aliases: ["retry"],
            "New attempts under the same cap."),
        Field(
            "outputs", \.spec.outputs, output.list(), .standard("nothing is collected"),
            aliases: ["output", "download", "results"],
            "What is collected, and verified by hash, before teardown."),
        Field(
            "on_failure", \.spec.onFailure, .cases, .standard("destroy"),
            "What happens to the machine when the job fails. Kept, it still ends at the deadline."),
        Field("ssh", \.spec.ssh, ssh, .standard("see its keys"), "How the instance is reached."),
        Field(
            "aws", \.spec.aws, aws, .optional,
            "What of your own AWS account is to be used. Without it the default VPC is, and nothing else is needed."),
    ]

    private static let providers = Shape<ProviderName>.cases.located.oneOrMore
        .checked { names, _, reading in
            reading.reportDuplicates(names) { $0.rawValue }
        }
        .located.map { Located($0.value.map(\.value), at: $0.location) }

    private static let zones = Notations.word("a zone", plural: "zones", examples: ["fr-par-1"]).located.oneOrMore
        .checked { zones, _, reading in reading.reportDuplicates(zones) { $0 } }

    private static let resources = Shape<Resources>.record(
        [
            Field(
                "instance_type", \.instanceType,
                Notations.word("an instance type", plural: "types", examples: ["POP2-HC-32C-64G"]).located, .optional,
                aliases: ["instance_types", "type", "machine", "machine_type", "commercial_type", "size"],
                "The provider's name of the machine. Instead of it, `cpus`, `memory` and `gpu` say what it must have."),
            Field(
                "cpus", \.cpus, Notations.cpus.located, .optional, aliases: ["cpu", "vcpus"],
                """
                How many CPUs. Of all machines that have what is asked for, the one that costs this burst the least at \
                the worst is taken, then the next.
                """),
            Field(
                "memory", \.memory, Notations.memory.located, .optional, aliases: ["mem", "ram"],
                "How much memory. As an upper bound, 32GB takes in a machine of 32 GiB."),
            Field(
                "gpu", \.gpu, Notations.gpu.located, .optional, aliases: ["gpus", "accelerators"],
                "Which GPU and how many exactly. Without it a machine found by `cpus` and `memory` has none."),
            Field(
                "arch", \.arch, Shape.cases(synonyms: ["amd64": "x86_64", "aarch64": "arm64"]).located,
                .standard("that of the instance type; x86_64 without one"), aliases: ["architecture"],
                "The architecture; an instance type of another one is refused."),
            Field(
                "disk", \.disk, Notations.size.located, .standard("the provider's smallest for the type"),
                aliases: ["disk_size", "volume_size"], "The size of the root volume."),
            Field(
                "image", \.image,
                Notations.word("an image", plural: "images", examples: [Resources.defaultImage]).located,
                .standard(Resources.defaultImage), aliases: ["image_id", "os"],
                """
                The system: an alias of the official catalogue, or the provider's id of an image. Resolved when the \
                machine is created; the id stands in plan and receipt.
                """),
            Field(
                "spot", \.spot,
                Shape.choice([("false", .never), ("true", .always), ("prefer", .prefer)]).located,
                .standard("false"), aliases: ["use_spot", "spot_policy", "preemptible"],
                "Whether the machine may be one that the provider can take back."),
        ], draft: Resources.init(at:), finish: SpecChecks.checkMachine)

    private static let aws = Shape<AWSChoices>.record(
        [
            Field(
                "subnet_id", \.subnetID, word("a subnet", "subnets", "subnet-0123456789abcdef0"), .optional,
                aliases: ["subnet"], "Instead of the zone's default subnet; it must lie in the spec's zone."),
            Field(
                "security_group_id", \.securityGroupID,
                word("a security group", "security groups", "sg-0123456789abcdef0"), .optional,
                aliases: ["security_group"], "Besides the burst's own group, which admits SSH."),
            Field(
                "key_name", \.keyName, word("a key pair", "key pairs", "ada"), .optional, aliases: ["key", "key_pair"],
                "A key pair of yours that may log in besides the burst's own key."),
            Field(
                "iam_instance_profile", \.iamInstanceProfile,
                word("an instance profile", "instance profiles", "s3-reader"), .optional,
                aliases: ["instance_profile", "iam_role"],
                "By name or ARN. What it may do, the job may do: without it no credential reaches the machine."),
        ], draft: AWSChoices.init(at:))

    private static func word(_ noun: String, _ plural: String, _ example: String) -> Shape<String> {
        Notations.word(noun, plural: plural, examples: [example])
    }

    private static let budget = Shape<BudgetDraft>.record(
        [
            Field(
                "max_cost", \.maxCost, Notations.money.located, .standard("that of the user configuration"),
                aliases: ["max_price", "cost"],
                "The worst case may not exceed this, at list price without VAT. A burst that may is refused before the first call."
            ),
            Field(
                "max_duration", \.maxDuration, Notations.duration.located, .standard("that of the user configuration"),
                aliases: ["duration", "max_time"], "From power-on to verified gone."),
        ], draft: BudgetDraft.init(at:))

    private static let file = Shape<FileMapping>.record(
        [
            Field(
                "from", \.from, PathNotations.local.located, .required, aliases: ["source", "src", "local"],
                "A file or folder beside the spec."),
            Field(
                "to", \.to, PathNotations.remote.located, .standard(FileMapping.defaultTarget),
                aliases: ["target", "dst", "destination", "remote"],
                "The folder below the home that it lands in: a folder by its contents, a file under its own name."),
        ]
    ) { FileMapping(from: Located(".", at: $0), to: Located(FileMapping.defaultTarget, at: $0)) }

    private static let env = Shape.dictionary(
        names: Notations.variable, nameForm: Notations.variableForm,
        values: Notations.anyText("a text", plural: "texts", examples: ["8"], mayBeEmpty: true)
    ).map { $0.map { EnvironmentVariable(name: $0.name, value: $0.value) } }

    private static let secretFields = Shape<SecretDraft>.record(
        [
            Field("name", \.name, Notations.variable.located, .required, "The variable that the job sees."),
            Field(
                "environment", \.environment, Notations.variable, .optional, aliases: ["env", "from_env"],
                "Taken from this variable of the caller."),
            Field(
                "file", \.file, Notations.anyText("a path", plural: "paths", examples: ["~/.config/hf/token"]).located,
                .optional,
                aliases: ["path"], "Taken from this file of the caller."),
            Field(
                "command", \.command,
                Notations.anyText("a shell command", plural: "commands", examples: ["pass show hf"]).located, .optional,
                "Taken from the output of this command, run by the caller's shell."),
        ], draft: SecretDraft.init(at:), finish: SpecChecks.checkSecret
    ).map(\.secret)

    private static let secretName = Notations.variable.located.map { Secret(name: $0, source: .environment($0.value)) }
    private static let secret = Shape.either(.either([secretName.form, secretFields.form])) { node in
        switch node {
        case .scalar: secretName
        case .mapping: secretFields
        case .sequence: nil
        }
    }

    private static let command = Notations.anyText("a shell command", plural: "commands", examples: ["./render.sh"])
        .located
    private static let runFields = Shape<Run>.record(
        [
            Field("command", \.command, command, .required, aliases: ["cmd", "script", "commands"], "The shell text."),
            Field(
                "as", \.asRoot, .choice([("user", false), ("root", true)]), .standard("user"), aliases: ["user"],
                "An ordinary user of the instance, or root."),
        ]
    ) { Run(command: Located("", at: $0)) }
    private static let run = Shape.either(.either([command.form, runFields.form])) { node in
        switch node {
        case .scalar: command.map { Run(command: $0) }
        case .mapping: runFields
        case .sequence: nil
        }
    }

    private static let retries = Shape<Retries>.record(
        [
            Field(
                "job", \.job, Shape.integer(0...10), .standard("0"),
                "After a job that failed: once more from the beginning, on machines of its own."),
            Field(
                "preempted", \.preempted, Shape.integer(0...10), .standard("0"),
                "After a spot machine that was taken back."),
        ]
    ) { _ in Retries() }

    private static let output = Shape<OutputDraft>.record(
        [
            Field(
                "from", \.from, PathNotations.remote.located, .required, aliases: ["source", "src", "remote"],
                "A file or folder below the home."),
            Field(
                "to", \.to, PathNotations.localTarget.located, .required,
                aliases: ["target", "dst", "destination", "local"],
                "Where it lands beside the spec: a folder by its contents, a file as this, or under its own name in it if a slash ends it."
            ),
            Field(
                "max_size", \.maxSize, Notations.size.located, .standard(Output.defaultMaxSize.description),
                aliases: ["limit"], "More than this is not collected, and an error."),
        ], draft: OutputDraft.init(at:)
    ).map(\.output)

    private static let block = Notations.address.located
    private static let allowFrom = Shape<SSHAccess.AllowFrom>.either(
        .either([.choice([Choice(text: "auto")]), block.form, .list(block.form, atLeast: 1)])
    ) { node in
        switch node {
        case .scalar("auto", _, _): Shape.choice([("auto", .auto)])
        case .scalar, .sequence:
            block.oneOrMore.checked { blocks, _, reading in SpecChecks.checkAddresses(blocks, &reading) }
                .map { .blocks($0) }
        case .mapping: nil
        }
    }

    private static let ssh = Shape<SSHAccess>.record(
        [
            Field(
                "allow_from", \.allowFrom, allowFrom, .standard("auto"), aliases: ["cidr", "allowed"],
                "Who may reach the SSH port: `auto` is the caller's own address, asked for once per run."),
            Field(
                "port", \.port, Shape.integer(1...65535).located, .standard("22"), "The port of the instance's sshd."),
        ], draft: SSHAccess.init(at:))
}
