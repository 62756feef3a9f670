import Foundation
import SpillwayCore
import TestSupport
import Testing

@Suite struct SpecSchemaTests {
    @Test func `the checked-in schema is the one the decoder's description gives`() throws {
        try Golden.expect(JSONSchema.render(), at: "docs/schema/spillway.schema.json")
    }

    @Test func `the checked-in reference is the one the decoder's description gives`() throws {
        try Golden.expect(SpecReference.render(), at: "docs/spec.md")
    }

    @Test func `the example of the reference decodes without a word`() throws {
        let (spec, problems) = try SpecSamples.decode(SpecReference.example)
        #expect(spec != nil)
        #expect(problems.isEmpty)
    }

    @Test(.enabled(if: PythonSchema.isThere, "needs python3 with jsonschema and yaml"))
    func `an independent validator accepts the good specs and refuses the misspelt ones`() throws {
        let templates = try ["hello", "python-batch", "ffmpeg"].map { name in
            try String(
                contentsOf: Golden.packageRoot.appending(path: "templates/\(name)/spillway.yaml"), encoding: .utf8)
        }
        let good = [SpecSamples.small, SpecSamples.full, SpecReference.example] + templates
        let bad = [
            SpecSamples.small(with: "colour: red"), SpecSamples.small(with: "nodes: two"),
            SpecSamples.small(with: "timeout: 3600"), SpecSamples.small(with: "name: Render"),
            SpecSamples.small(with: "budget: {max_cost: 4.00}"), SpecSamples.small(with: "on_failure: panic"),
            SpecSamples.small(with: "resources: {instance_type: A, disk: 80}"), "name: a",
        ]
        #expect(try PythonSchema.accepts(good + bad) == good.map { _ in true } + bad.map { _ in false })
    }
}

/// Python's jsonschema, as someone else's reading of our schema.
enum PythonSchema {
    static let isThere = (try? run("import jsonschema, yaml", input: Data()))?.status == 0

    static func accepts(_ specs: [String]) throws -> [Bool] {
        let script = """
            import json, sys, yaml, jsonschema
            given = json.load(sys.stdin)
            schema = json.loads(given["schema"])
            jsonschema.Draft202012Validator.check_schema(schema)
            check = jsonschema.Draft202012Validator(schema)
            print(json.dumps([check.is_valid(yaml.safe_load(text)) for text in given["specs"]]))
            """
        struct Input: Encodable {
            var schema: String
            var specs: [String]
        }
        let output = try run(script, input: JSONEncoder().encode(Input(schema: JSONSchema.render(), specs: specs)))
        return try JSONDecoder().decode([Bool].self, from: output.bytes)
    }

    private static func run(_ script: String, input: Data) throws -> (status: Int32, bytes: Data) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = FileHandle.nullDevice
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        try standardInput.fileHandleForWriting.close()
        let bytes = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, bytes)
    }
}
