import ArgumentParser

/// What every verb accepts.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where state lies (default: $SPILLWAY_STATE_DIR, else ./state).", valueName: "dir"))
    var stateDir: String?

    @Flag(help: "One JSON object, or one event a line, on stdout; errors included.")
    var json = false

    @Flag(help: "No colour and no moving display, as with NO_COLOR.")
    var noColor = false

    @Flag(help: "No progress on stderr.")
    var quiet = false

    @Flag(help: "Log each HTTP exchange to stderr, secrets redacted.")
    var debugHttp = false
}

/// Where the spec is, and what reading it may touch.
struct SpecOptions: ParsableArguments {
    @Option(name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("The spec.", valueName: "spec"))
    var file = "spillway.yaml"

    @Flag(help: "Let files and outputs point outside the spec's folder.")
    var allowOutside = false
}

struct ConfirmOptions: ParsableArguments {
    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var yes = false
}
