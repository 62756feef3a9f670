import Foundation
import SpillwayCore
import SpillwayEngine
import SpillwayTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct RunnerCollectTests {
    private struct Bench {
        let remote: RunnerRemote
        let local: String

        func make(_ script: String) async throws {
            let host = try await remote.connect()
            let said = try await host.text("mkdir -p \(remote.home); cd \(remote.home) && \(script)")
            #expect(said == "")
            await host.close()
        }

        func collect(
            _ from: String, _ to: String, max: String = "1GB", within: Duration? = nil, allowOutside: Bool = false
        ) async throws -> Collected {
            let place = SourceLocation(file: "spillway.yaml", line: 1, column: 1)
            let output = Output(
                from: Located(from, at: place), to: Located(to, at: place), intoFolder: to.hasSuffix("/"),
                maxSize: Located(try #require(Bytes(max)), at: place))
            let collector = Collector(
                home: JobHome(path: remote.home, user: "x"), run: "run", folder: local, allowOutside: allowOutside,
                retry: remote.retry, sleep: { try await Task.sleep(for: $0) })
            return try await collector.collect([output], within: within) { _, _ in }
        }

        func read(_ path: String) -> String? { try? String(contentsOfFile: "\(local)/\(path)", encoding: .utf8) }

        var names: [String] {
            ((try? FileManager.default.subpathsOfDirectory(atPath: local)) ?? []).sorted()
        }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await withRunnerRemote { remote in
            let local = "\(remote.server.folder.path)/local"
            try FileManager.default.createDirectory(atPath: local, withIntermediateDirectories: true)
            try await body(Bench(remote: remote, local: local))
        }
    }

    @Test func `a folder comes home whole, over what was there`() async throws {
        try await withBench { bench in
            try await bench.make(
                "mkdir -p work/out/deep work/out/empty; echo 1 >work/out/a; echo 2 >work/out/deep/b; "
                    + "printf x >'work/out/new\nline'; printf y >work/out/ünï; ln -s a work/out/link")
            try FileManager.default.createDirectory(atPath: "\(bench.local)/out", withIntermediateDirectories: true)
            try "old".write(toFile: "\(bench.local)/out/a", atomically: true, encoding: .utf8)
            try "mine".write(toFile: "\(bench.local)/out/kept", atomically: true, encoding: .utf8)
            let collected = try await bench.collect("work/out/", "out/")
            #expect(collected.lost.isEmpty)
            #expect(collected.received == Transferred(files: 4, bytes: 6))
            #expect(bench.read("out/a") == "1\n")
            #expect(bench.read("out/deep/b") == "2\n")
            #expect(bench.read("out/kept") == "mine")
            #expect(bench.read("out/new\nline") == "x")
            #expect(bench.read("out/ünï") == "y")
            #expect(bench.read("out/link") == "1\n")
            #expect(!bench.names.contains { $0.contains("partial") })
            let again = try await bench.collect("work/out/", "out/")
            #expect(again == collected)
        }
    }

    @Test func `a file goes to the name that is asked for, or into the folder`() async throws {
        try await withBench { bench in
            try await bench.make("mkdir work; echo r >work/result.txt")
            #expect(try await bench.collect("work/result.txt", "renamed.txt").lost.isEmpty)
            #expect(try await bench.collect("work/result.txt", "sub/").lost.isEmpty)
            #expect(try await bench.collect("work/result.txt", ".").lost.isEmpty)
            #expect(bench.names == ["renamed.txt", "result.txt", "sub", "sub/result.txt"])
        }
    }

    @Test func `what is not there, too large or in the way is listed with its reason`() async throws {
        try await withBench { bench in
            try await bench.make("mkdir -p work/out; head -c 2000 /dev/zero >work/out/big; mkdir work/none")
            #expect(
                try await bench.collect("work/missing", "x/").lost.map(\.description)
                    == ["work/missing: not on the instance"])
            #expect(
                try await bench.collect("work/out", "out", max: "1KB").lost.map(\.description)
                    == ["work/out: 2000 bytes, more than max_size 1KB"])
            try FileManager.default.createDirectory(atPath: "\(bench.local)/out/big", withIntermediateDirectories: true)
            let kept = "\(bench.local)/.spillway-partial-run"
            #expect(
                try await bench.collect("work/out", "out").lost.map(\.description)
                    == ["work/out/big: cannot be put in place (Is a directory); it is kept in \(kept)"])
            #expect(bench.names.contains { $0.hasSuffix("/out/big") && $0.hasPrefix(".spillway-partial-run/") })
            #expect(try await bench.collect("work/none", "none").lost.isEmpty)
            #expect(bench.names.contains("none"))
        }
    }

    @Test func `nothing is written outside the spec's folder, nor through a link in it`() async throws {
        try await withBench { bench in
            try await bench.make("mkdir -p work/out/sub; echo 1 >work/out/sub/a")
            let outside = "\(bench.remote.server.folder.path)/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: "\(bench.local)/link", withDestinationPath: outside)
            try FileManager.default.createDirectory(atPath: "\(bench.local)/out", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: "\(bench.local)/out/sub", withDestinationPath: outside)
            for target in ["link", "link/x", "../outside", outside] {
                await #expect { try await bench.collect("work/out", target) } throws: {
                    ($0 as? RemoteFailure)?.kind == .localIO
                }
            }
            #expect(try await bench.collect("work/out", "out").lost.map(\.path) == ["work/out/sub"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
            #expect(try await bench.collect("work/out", "../outside/y", allowOutside: true).lost.isEmpty)
            #expect(FileManager.default.fileExists(atPath: "\(outside)/y/sub/a"))
        }
    }

    @Test func `at the deadline what came is kept and every other file is listed`() async throws {
        try await withBench { bench in
            try await bench.make("mkdir -p work/out; echo 1 >work/out/a; echo 2 >work/out/b")
            let none = try await bench.collect("work/out", "out", within: .zero)
            #expect(none.lost.map(\.description) == ["work/out: not fetched: the deadline came first"])
            // Far more than a third of a second carries, and no space of the disk.
            try await bench.make("mkdir -p work/slow; truncate -s 4G work/slow/z; echo 1 >work/slow/a")
            let some = try await bench.collect("work/slow", "slow", max: "5GB", within: .milliseconds(300))
            #expect(some.lost.contains { $0.path == "work/slow/z" && $0.reason.contains("the deadline came first") })
            #expect(!bench.names.contains { $0.contains("partial") })
        }
    }

    @Test func `a connection that breaks in the middle is made anew`() async throws {
        try await withBench { bench in
            try await bench.make("mkdir -p work/out; seq 1 7000000 >work/out/numbers")
            let killer = Task {
                try await Task.sleep(for: .milliseconds(400))
                bench.remote.server.signalSessions(SIGKILL)
            }
            let collected = try await bench.collect("work/out", "out")
            killer.cancel()
            #expect(collected.lost.isEmpty)
            #expect(collected.received.files == 1)
        }
    }
}
