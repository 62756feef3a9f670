import SpillwayCore
import Testing

@Suite struct SpecShippingTests {
    private func plan(
        _ folder: FolderInMemory, files: String = "[{from: ., to: work}]", outputs: String = "[]",
        allowOutside: Bool = false
    ) throws -> ShippingPlan {
        let text = SpecSamples.small(with: "files: \(files)\noutputs: \(outputs)")
        let (decoded, problems) = try SpecSamples.decode(text, options: SpecDecoder.Options(allowOutside: allowOutside))
        let spec = try #require(decoded, "\(problems)")
        return try ShippingRules(
            files: spec.files, outputs: spec.outputs, stateFolder: "state", allowOutside: allowOutside
        ).plan(folder)
    }

    @Test func `everything lands below the target, folders before what lies in them`() throws {
        let plan = try plan(FolderInMemory(empty: ["b/x", "a.txt", "b/c/y"]))
        #expect(
            plan.included.map(\.remotePath) == ["work", "work/a.txt", "work/b", "work/b/c", "work/b/c/y", "work/b/x"])
        #expect(plan.leftOut.isEmpty && plan.refused.isEmpty)
        #expect(plan.files(below: "/home/me").map(\.localPath).last == "/home/me/b/x")
    }

    @Test func `a named file lands under its own name, a named folder by its contents`() throws {
        let folder = FolderInMemory(texts: ["in/a.txt": "abc", "data/b": "de"])
        let plan = try plan(folder, files: "[{from: in/a.txt, to: x}, {from: data, to: y/z}, {from: data/b, to: .}]")
        #expect(plan.included.map(\.remotePath) == ["x/a.txt", "y/z", "y/z/b", "b"])
        #expect(plan.bytes == 7)
    }

    @Test func `what is left out says by which line, and a folder stands for all in it`() throws {
        let folder = FolderInMemory(
            texts: [".gitignore": "# built\n*.o\nbuild/\n!keep.o\n", "sub/.gitignore": "/local\n"],
            empty: ["a.o", "keep.o", "build/x", "build/y", "sub/local", "sub/deep/local"])
        let plan = try plan(folder)
        #expect(
            plan.leftOut.map { "\($0.path) \($0.reason)" } == [
                "a.o .gitignore:2: *.o", "build .gitignore:3: build/", "sub/local sub/.gitignore:1: /local",
            ])
        #expect(
            plan.included.map(\.file.path) == [
                ".", ".gitignore", "keep.o", "sub", "sub/.gitignore", "sub/deep", "sub/deep/local",
            ])
    }

    @Test func `a spillwayignore replaces every gitignore`() throws {
        let folder = FolderInMemory(
            texts: [
                ".gitignore": "a\n", ".spillwayignore": "b\n", "sub/.gitignore": "c\n", "sub/.spillwayignore": "d\n",
            ],
            empty: ["a", "b", "sub/c", "sub/d"])
        #expect(try plan(folder).leftOut.map(\.path) == ["b", "sub/d"])
    }

    @Test func `rules above a named folder hold in it, and do not keep the folder itself`() throws {
        let folder = FolderInMemory(texts: [".gitignore": "data/\n*.tmp\n"], empty: ["data/x", "data/y.tmp"])
        let plan = try plan(folder, files: "[{from: data, to: work}]")
        #expect(plan.included.map(\.file.path) == ["data", "data/x"])
        #expect(plan.leftOut.map { "\($0.path) \($0.reason)" } == ["data/y.tmp .gitignore:2: *.tmp"])
    }

    @Test func `the state folder, keys and the targets of outputs are never shipped, whatever the rules say`() throws {
        let folder = FolderInMemory(
            texts: [".gitignore": "!state\n!out\n"],
            empty: ["state/a.json", "out/result", "jobs/b/state/keys/1/id", "jobs/b/state/b.json", "stateful"])
        let plan = try plan(folder, outputs: "[{from: work/out, to: out}]")
        #expect(
            plan.leftOut.map { "\($0.path): \($0.reason)" } == [
                "jobs/b/state/keys: keys are never shipped", "out: results land here",
                "state: the state folder is never shipped",
            ])
        #expect(plan.included.map(\.file.path).contains("stateful"))
        let named = try self.plan(folder, files: "[{from: state/a.json, to: work}]")
        #expect(named.refused.map(\.code.description) == ["ship.never-shipped"])
        #expect(named.included.isEmpty)
    }

    static let credentials = [
        ".env", ".env.local", "deep/.envrc", "key.pem", "deep/KEY.PEM", "id_rsa", "deep/id_ed25519.pub",
        ".aws/credentials",
        ".config/scw/config.yaml",
    ]

    @Test(arguments: credentials) func `a credential is refused, with its name and what to do`(path: String) throws {
        let plan = try plan(FolderInMemory(empty: [path, "job.sh"]))
        let problem = try #require(plan.refused.first)
        #expect(plan.refused.count == 1)
        #expect(problem.code == "ship.credential")
        #expect(problem.exit == .refused)
        #expect(problem.exists == "Nothing was created.")
        #expect(problem.source?.description == "spillway.yaml:6:16")
        #expect(problem.remedy?.contains(".gitignore") == true)
        #expect(!plan.included.contains { $0.file.path == path })
    }

    @Test(arguments: credentials) func `a credential that a rule leaves out is no problem`(path: String) throws {
        let top = path.prefix { $0 != "/" }
        let plan = try plan(FolderInMemory(texts: [".gitignore": "/\(top)\n"], empty: [path]))
        #expect(plan.refused.isEmpty)
        #expect(plan.leftOut.map(\.path) == [String(top)])
    }

    @Test(arguments: credentials) func `a credential that an entry names is shipped`(path: String) throws {
        let plan = try plan(FolderInMemory(empty: [path]), files: "[{from: \(path), to: work}]")
        #expect(plan.refused.isEmpty)
        #expect(plan.included.map(\.file.path) == [path])
    }

    @Test func `an entry of its own lifts the refusal from the folder's entry too`() throws {
        let folder = FolderInMemory(empty: [".env", "a", ".aws/id_x"])
        let plan = try plan(folder, files: "[{from: ., to: work}, {from: .env, to: work}, {from: .aws, to: work/.aws}]")
        #expect(plan.refused.isEmpty)
        #expect(plan.included.map(\.remotePath) == ["work", "work/.aws", "work/.aws/id_x", "work/.env", "work/a"])
    }

    @Test func `a folder of mappings is not taken for a key`() throws {
        #expect(try plan(FolderInMemory(empty: ["id_maps/a", "environment", "pem"])).refused.isEmpty)
    }

    @Test(arguments: [
        ("[remote \"origin\"]\n\turl = https://me:secret@example.org/a.git\n", true),
        ("[remote \"origin\"]\n\turl = https://ghp_token@example.org/a.git\n", true),
        ("[http]\n\textraheader = AUTHORIZATION: basic abc\n", true),
        ("[remote \"origin\"]\n\turl = ssh://git@example.org/a.git\n", false),
        ("[remote \"origin\"]\n\turl = git@example.org:a.git\n", false),
        ("[remote \"origin\"]\n\turl = https://example.org/me@home/a.git\n", false),
    ]) func `a repository's configuration is refused when it holds a credential`(text: String, refused: Bool) throws {
        let plan = try plan(FolderInMemory(texts: [".git/config": text, "sub/.git/config": text]))
        #expect(plan.refused.count == (refused ? 2 : 0))
        #expect(plan.included.contains { $0.file.path == ".git/config" } == !refused)
    }

    @Test func `a link that stays inside is shipped as a link, one that leaves is refused`() throws {
        let link = { (path: String, target: String) in ListedFile(path: path, kind: .link(target: target)) }
        let folder = FolderInMemory(others: [
            link("a", "b"), link("sub/in", "../a"), link("sub/out", "../../etc"), link("abs", "/etc/passwd"),
            link("sub/sly", "x/../../../etc"),
        ])
        let plan = try plan(folder)
        #expect(plan.refused.map(\.code.description) == Array(repeating: "ship.link-outside", count: 3))
        #expect(plan.refused.map { $0.detail.prefix { $0 != " " } } == ["`abs`", "`sub/out`", "`sub/sly`"])
        #expect(plan.included.map(\.file.path) == [".", "a", "sub", "sub/in"])
        #expect(try self.plan(folder, allowOutside: true).refused.isEmpty)
    }

    @Test func `a link in the way of an entry is refused, because it leads anywhere`() throws {
        let folder = FolderInMemory(empty: ["real/x"], others: [ListedFile(path: "link", kind: .link(target: "/srv"))])
        for from in ["link", "link/data"] {
            #expect(
                try plan(folder, files: "[{from: \(from), to: work}]").refused.map(\.code.description) == ["ship.link"])
        }
    }

    @Test func `a missing file is named with its nearest neighbour`() throws {
        let plan = try plan(
            FolderInMemory(empty: ["input/data.csv"]), files: "[{from: input/date.csv, to: work}, {from: x, to: y}]")
        #expect(plan.refused.map(\.code.description) == ["ship.missing-file", "ship.missing-file"])
        #expect(
            plan.refused.map(\.remedy) == [
                "Did you mean `input/data.csv`?", "Paths are relative to the folder of the spec.",
            ])
        #expect(plan.refused.map(\.exit) == [.usage, .usage])
    }

    @Test func `two files in one place are refused, two folders merge`() throws {
        let folder = FolderInMemory(empty: ["a/x", "b/x", "a/sub/1", "b/sub/2"])
        let plan = try plan(folder, files: "[{from: a, to: work}, {from: b, to: work}]")
        #expect(plan.refused.map(\.detail) == ["`a/x` and `b/x` both land in `work/x`."])
        #expect(plan.included.map(\.remotePath) == ["work", "work/sub", "work/sub/1", "work/x", "work/sub/2"])
    }

    @Test func `what is no file is left out, and refused when named`() throws {
        let folder = FolderInMemory(empty: ["a"], others: [ListedFile(path: "pipe", kind: .special)])
        #expect(try plan(folder).leftOut.map(\.reason) == [.special])
        #expect(
            try plan(folder, files: "[{from: pipe, to: work}]").refused.map(\.code.description) == ["ship.special-file"]
        )
    }

    @Test func `a folder outside has rules of its own`() throws {
        let folder = FolderInMemory(
            texts: [".gitignore": "a\n", "../data/.gitignore": "/b\n"],
            others: ["../data/a", "../data/b", "../data/c"].map {
                ListedFile(path: $0, kind: .file(size: 1, executable: true))
            })
        let plan = try plan(folder, files: "[{from: ../data, to: work}]", allowOutside: true)
        #expect(plan.included.map(\.remotePath) == ["work", "work/.gitignore", "work/a", "work/c"])
    }
}
