import Foundation
import SpillwayCore
import SpillwayEngine
import Testing

@Suite struct FolderListingTests {
    private let folder: SpecFolder

    init() throws { folder = try SpecFolder() }

    private func plan(
        _ from: String = ".", allowOutside: Bool = false, reader: (any FolderReader)? = nil
    ) throws -> ShippingPlan {
        let at = SourceLocation(file: "spillway.yaml", line: 1, column: 1)
        let mapping = FileMapping(from: Located(from, at: at), to: Located("work", at: at))
        let rules = ShippingRules(files: [mapping], outputs: [], stateFolder: "state", allowOutside: allowOutside)
        if let reader { return try rules.plan(reader) }
        return try rules.plan(FolderListing(path: folder.spec, allowOutside: allowOutside))
    }

    @Test func `a folder is listed in the order of bytes, with sizes, modes and links`() throws {
        try folder.write("b/inner", "12345")
        try folder.write("Z", "")
        try folder.write("é", "x")
        try folder.write("a.sh", "#!/bin/sh\n", mode: 0o755)
        try folder.link("link", to: "b/inner")
        let plan = try plan()
        #expect(plan.included.map(\.file.path) == [".", "Z", "a.sh", "b", "b/inner", "link", "é"])
        #expect(plan.included[1].file.kind == .file(size: 0, executable: false))
        #expect(plan.included[2].file.kind == .file(size: 10, executable: true))
        #expect(plan.included[5].file.kind == .link(target: "b/inner"))
        #expect(plan.refused.isEmpty)
        let again = try self.plan()
        #expect(again == plan)
    }

    @Test func `nothing that is left out is entered`() throws {
        try folder.write(".gitignore", "skip/\n")
        try folder.write("skip/deep/x", "")
        try folder.write("state/a.json", "")
        try folder.write("kept/y", "")
        let watched = WatchedReader(try FolderListing(path: folder.spec))
        let plan = try plan(reader: watched)
        #expect(plan.leftOut.map(\.path) == ["skip", "state"])
        #expect(watched.entered == [".", "kept"])
    }

    @Test func `what is neither file, folder nor link is left out, as is a name that is no text`() throws {
        #expect(mkfifo(folder.spec + "/pipe", 0o600) == 0)
        let strange = (Array(folder.spec.utf8) + [47, 0xFF, 0xFE, 0]).map { CChar(bitPattern: $0) }
        let descriptor = open(strange, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
        let plan = try plan()
        #expect(plan.leftOut.map(\.reason) == [.special, .special])
        #expect(plan.included.map(\.file.path) == ["."])
    }

    @Test func `a link that leaves the folder is refused and never followed`() throws {
        try folder.write("../outside/secret", "s")
        try folder.link("out", to: "../outside")
        #expect(try plan().refused.map(\.code.description) == ["ship.link-outside"])
        #expect(try plan("out").refused.map(\.code.description) == ["ship.link"])
        #expect(try plan("out/secret").refused.map(\.code.description) == ["ship.link"])
        let reader = try FolderListing(path: folder.spec)
        #expect(try reader.entry(at: "out/secret") == nil)
        #expect(try reader.entries(of: "out").isEmpty)
        #expect(try reader.text(of: "out/secret") == nil)
    }

    @Test func `with leave given, a link is followed where an entry names it`() throws {
        try folder.write("../outside/x", "s")
        try folder.link("out", to: "../outside")
        #expect(try plan("out", allowOutside: true).included.map(\.remotePath) == ["work", "work/x"])
        #expect(try plan("../outside", allowOutside: true).included.map(\.remotePath) == ["work", "work/x"])
    }

    @Test func `rules behind a link are an error, not an absence of rules`() throws {
        try folder.write("../outside/rules", "*\n")
        try folder.link(".gitignore", to: "../outside/rules")
        let problem = try #require(throws: Diagnostic.self) { try plan() }
        #expect(problem.code == "ship.unreadable")
        #expect(problem.detail.contains("symbolic link"))
        #expect(problem.exists == "Nothing was created.")
    }

    @Test func `a folder named like an ignore file holds no rules`() throws {
        try folder.write(".gitignore/a", "")
        #expect(try plan().included.map(\.file.path) == [".", ".gitignore", ".gitignore/a"])
    }

    @Test(.enabled(if: geteuid() != 0, "root reads everything"))
    func `a folder that cannot be read is an error that names it`() throws {
        try folder.write("shut/a", "")
        chmod(folder.spec + "/shut", 0)
        defer { chmod(folder.spec + "/shut", 0o700) }
        let problem = try #require(throws: Diagnostic.self) { try plan() }
        #expect(problem.code == "ship.unreadable")
        #expect(problem.detail.contains("shut"))
    }

    @Test func `a spec's folder that is missing is an error`() {
        let problem = #expect(throws: Diagnostic.self) { try FolderListing(path: folder.spec + "/none") }
        #expect(problem?.code == "ship.unreadable")
    }
}

/// A spec's folder and something beside it, gone when the test is.
final class SpecFolder: Sendable {
    private let top: URL
    let spec: String

    init() throws {
        top = FileManager.default.temporaryDirectory.appending(path: "spillway-folder-\(UUID().uuidString)")
        spec = top.appending(path: "spec").path
        try FileManager.default.createDirectory(atPath: spec, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: top) }

    func write(_ path: String, _ text: String, mode: Int = 0o644) throws {
        let file = URL(filePath: spec).appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(spec)/\(path)", withDestinationPath: target)
    }
}

/// Notes which folders were entered.
private final class WatchedReader: FolderReader, @unchecked Sendable {
    // SAFETY: the plan is made on one thread, and the note is read after it.
    private(set) var entered: [String] = []
    private let reader: FolderListing

    init(_ reader: FolderListing) { self.reader = reader }

    func entry(at path: String) throws(Diagnostic) -> ListedFile? { try reader.entry(at: path) }
    func text(of path: String) throws(Diagnostic) -> String? { try reader.text(of: path) }

    func entries(of folder: String) throws(Diagnostic) -> [ListedFile] {
        entered.append(folder)
        return try reader.entries(of: folder)
    }
}
