import Foundation
import SpillwayCLI
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport
import Testing

@Suite struct TemplateTests {
    static let names = ["ffmpeg", "hello", "python-batch"]

    @Test func `the templates in the binary are the folders of the repository`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: templates.path).sorted()
            // Schedulers have no spec: they are copied from the repository, not written by `init`.
            .filter { FileManager.default.fileExists(atPath: templates.appending(path: "\($0)/spillway.yaml").path) }
        #expect(folders == Self.names)
        let found = try folders.map { EmbeddedTemplate(name: $0, files: try files(of: $0)) }
        for (there, here) in zip(found, EmbeddedTemplates.all) {
            #expect(there.files.map(\.path) == here.files.map(\.path), "stale: run .ci/embed-templates")
            for (file, embedded) in zip(there.files, here.files) {
                #expect(file == embedded, "\(there.name)/\(file.path) is stale in the binary: run .ci/embed-templates")
            }
        }
        #expect(EmbeddedTemplates.all.map(\.name) == Self.names)
    }

    @Test(arguments: names) func `a template is checked without a word`(name: String) throws {
        let (spec, problems) = try spec(of: name)
        #expect(problems.isEmpty, "\(problems)")
        #expect(spec?.name.value == name)
        #expect(spec?.providers.value == [.scaleway])
        #expect(spec?.run != nil && spec?.outputs.isEmpty == false)
    }

    @Test(arguments: names) func `a template ships its sources and refuses nothing`(name: String) throws {
        let spec = try #require(try spec(of: name).spec)
        let rules = ShippingRules(files: spec.files, outputs: spec.outputs, stateFolder: "state")
        let plan = try rules.plan(FolderListing(path: templates.appending(path: name).path))
        #expect(plan.refused.isEmpty)
        let sources = try files(of: name).map { "work/\($0.path)" }
        #expect(Set(sources).isSubset(of: Set(plan.included.map(\.remotePath))))
    }

    private var templates: URL { Golden.packageRoot.appending(path: "templates") }

    private func spec(of name: String) throws -> (spec: Spec?, problems: [Diagnostic]) {
        let embedded = try #require(EmbeddedTemplates.all.first { $0.name == name })
        let text = try #require(embedded.files.first { $0.path == "spillway.yaml" }).content
        let (spec, problems) = SpecDecoder.decode(try YAMLReader.read(text: text, file: "spillway.yaml"))
        return (spec, problems)
    }

    /// Without what a run leaves behind.
    private func files(of name: String) throws -> [EmbeddedTemplate.File] {
        let folder = templates.appending(path: name)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { path in !path.split(separator: "/").contains { ["out", "state", "__pycache__"].contains($0) } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return try paths.compactMap { path in
            let file = folder.appending(path: path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            return EmbeddedTemplate.File(
                path: path, content: try String(contentsOf: file, encoding: .utf8), executable: mode & 0o100 != 0)
        }
    }
}
