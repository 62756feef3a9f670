import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct SSHSessionTests {
    @Test func `a command gives its output, both streams apart, and its exit status`() async throws {
        try await withSession { session, _ in
            let output = Locked<[RemoteOutput]>([])
            let exit = try await session.run("echo out; echo err >&2; exit 7", input: nil) { piece in
                output.withLock { $0.append(piece) }
            }
            #expect(exit == RemoteExit(status: 7))
            #expect(text(output.value, .stdout) == "out\n")
            #expect(text(output.value, .stderr) == "err\n")
        }
    }

    @Test func `a command that dies of a signal says so`() async throws {
        try await withSession { session, _ in
            let exit = try await session.run("kill -TERM $$", input: nil) { _ in }
            #expect(exit.signal == "TERM")
            #expect(!exit.succeeded)
        }
    }

    @Test func `input reaches the command and ends`() async throws {
        try await withSession { session, _ in
            let input = [UInt8](repeating: 65, count: 3_000_000)
            let output = Locked<[RemoteOutput]>([])
            let exit = try await session.run("wc -c", input: input) { piece in output.withLock { $0.append(piece) } }
            #expect(exit.succeeded)
            #expect(text(output.value, .stdout) == "3000000\n")
        }
    }

    @Test func `many megabytes of output arrive whole`() async throws {
        try await withSession { session, _ in
            let count = Locked(0)
            let exit = try await session.run("head -c 50000000 /dev/zero", input: nil) { piece in
                count.withLock { $0 += piece.bytes.count }
            }
            #expect(exit.succeeded)
            #expect(count.value == 50_000_000)
        }
    }

    @Test func `a tree goes up and comes back the same`() async throws {
        try await withSession { session, server in
            let tree = try SampleTree(below: server.folder)
            let sent = try await session.upload(tree.shipped, to: server.folder.path + "/it's here/work") { _ in }
            #expect(sent == Transferred(files: tree.files.count, bytes: tree.bytes))
            let back = server.folder.appending(path: "back")
            try FileManager.default.createDirectory(at: back, withIntermediateDirectories: true)
            let got = try await session.download(
                server.folder.path + "/it's here/work", to: back.path, maxBytes: 1 << 30
            ) { _ in }
            #expect(got.bytes == tree.bytes)
            #expect(Set(got.files.map(\.path)) == Set(tree.files.keys.map { "work/" + $0 }))
            for file in got.files {
                let content = try #require(tree.files[String(file.path.dropFirst(5))])
                #expect(file.sha256 == LibCrypto.sha256(content).hex)
                #expect(try Data(contentsOf: back.appending(path: file.path)) == Data(content))
            }
        }
    }
}
