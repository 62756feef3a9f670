import ArgumentParser
import SpillwayCore

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes a spec and its sources from a template.",
        discussion: "Templates: \(EmbeddedTemplates.all.map(\.name).joined(separator: ", ")).")

    @OptionGroup var global: GlobalOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Which template.", valueName: "name"))
    var template = "hello"

    @Option(help: ArgumentHelp("Where to.", valueName: "dir"))
    var to = "."

    func run() async throws {
        let invocation = Invocation(global)
        let writing = try TemplateWriting.named(template)
        try writing.write(to: to)
        for file in writing.template.files { invocation.output.result(to == "." ? file.path : "\(to)/\(file.path)") }
        invocation.output.show(
            .note(
                "Look at \(to == "." ? "" : to + "/")spillway.yaml; then try it for nothing: spillway rehearse\(to == "." ? "" : " -f \(to)/spillway.yaml")"
            ))
    }
}
