import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct SSHTransferTests {
    // MARK: up

    @Test func `progress grows to the whole, piece by piece`() async throws {
        try await withSession { session, server in
            let steps = Locked<[Int64]>([])
            let sent = try await session.upload([zeros(3_000_000)], to: server.folder.path + "/up") { step in
                steps.withLock { $0.append(step.bytes) }
            }
            #expect(sent == Transferred(files: 1, bytes: 3_000_000))
            #expect(steps.value.count > 10)
            #expect(steps.value == steps.value.sorted())
            #expect(steps.value.last == 3_000_000)
        }
    }

    @Test func `an upload repeats over what a cut one left`() async throws {
        try await withProxiedSession { session, proxy, server, reconnect in
            let folder = server.folder.path + "/up"
            proxy.cut(.up, after: 2_000_000)
            let failure = try await remoteFailure {
                _ = try await session.upload([zeros(20_000_000)], to: folder) { _ in }
            }
            #expect(failure?.kind == .cutOff)
            let again = try await reconnect()
            let sent = try await again.upload([zeros(20_000_000)], to: folder) { _ in }
            #expect(sent.bytes == 20_000_000)
            #expect(try Data(contentsOf: URL(filePath: folder + "/zeros")).count == 20_000_000)
            await again.close()
        }
    }

    @Test func `what the far side's tar complains about is in the error`() async throws {
        try await withSession { session, server in
            let place = server.folder.path + "/file"
            try Data().write(to: URL(filePath: place))
            let noFolder = try await remoteFailure { _ = try await session.upload([zeros(10)], to: place) { _ in } }
            #expect(noFolder?.kind == .remoteIO)
            #expect(noFolder?.detail.contains("exit status 1") == true)
            try FileManager.default.createDirectory(
                atPath: server.folder.path + "/up/zeros/x", withIntermediateDirectories: true)
            let taken = try await remoteFailure {
                _ = try await session.upload([zeros(10)], to: server.folder.path + "/up") { _ in }
            }
            #expect(taken?.kind == .remoteIO)
            #expect(taken?.detail.contains("zeros") == true)
            #expect(taken?.detail.contains("exit status 2") == true)
        }
    }

    @Test func `a far side that stops reading ends the upload with its reason`() async throws {
        try await withFakeTar("echo disk quota exceeded >&2; exit 2") { session, server in
            let failure = try await remoteFailure {
                _ = try await session.upload([zeros(40_000_000)], to: server.folder.path) { _ in }
            }
            #expect(failure?.kind == .remoteIO)
            #expect(failure?.detail.contains("disk quota exceeded (exit status 2)") == true)
        }
    }

    @Test func `a far side that says success without reading is not believed`() async throws {
        try await withFakeTar("exit 0") { session, server in
            let failure = try await remoteFailure {
                _ = try await session.upload([zeros(40_000_000)], to: server.folder.path) { _ in }
            }
            #expect(failure?.kind == .remoteIO)
        }
    }

    @Test func `a file that vanished ends the upload, names the file and leaves the session of use`() async throws {
        try await withSession { session, server in
            let gone = ShippedFile(
                localPath: "/nonexistent/gone.bin", remotePath: "gone", kind: .file(size: 5, executable: false))
            let failure = try await remoteFailure {
                _ = try await session.upload([zeros(100_000), gone], to: server.folder.path + "/up") { _ in }
            }
            #expect(failure?.kind == .source)
            #expect(failure?.detail.contains("/nonexistent/gone.bin") == true)
            #expect(try await session.run("exit 3", input: nil) { _ in }.status == 3)
        }
    }

    @Test func `a file that may not be read ends the upload and is named`() async throws {
        guard getuid() != 0 else { return print("skipped: root reads everything") }
        try await withSession { session, server in
            let place = server.folder.path + "/secret"
            #expect(
                FileManager.default.createFile(atPath: place, contents: Data([1]), attributes: [.posixPermissions: 0]))
            let secret = ShippedFile(localPath: place, remotePath: "s", kind: .file(size: 1, executable: false))
            let failure = try await remoteFailure { _ = try await session.upload([secret], to: "/tmp") { _ in } }
            #expect(failure?.kind == .source)
            #expect(failure?.detail.contains("secret cannot be read: Permission denied") == true)
        }
    }

    @Test func `cancelling an upload ends it and leaves the session of use`() async throws {
        try await withFakeTar("sleep 60") { session, server in
            let started = Locked(false)
            let task = Task { () async throws in
                _ = try await session.upload([zeros(90_000_000)], to: server.folder.path) { _ in
                    started.withLock { $0 = true }
                }
            }
            while !started.value { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            #expect(try await remoteFailure { try await task.value }?.kind == .cancelled)
            #expect(try await session.run("exit 3", input: nil) { _ in }.status == 3)
        }
    }

    // MARK: down

    @Test func `a single file comes down under its own name`() async throws {
        try await withSession { session, server in
            let place = server.folder.path + "/it's a -file"
            try Data("abc".utf8).write(to: URL(filePath: place))
            let inside = try folder(in: server)
            let got = try await session.download(place, to: inside, maxBytes: 3) { _ in }
            #expect(got.files.map(\.path) == ["it's a -file"])
            #expect(try String(contentsOfFile: inside + "/it's a -file", encoding: .utf8) == "abc")
        }
    }

    @Test func `a path that is not there is a remote error with tar's words`() async throws {
        try await withSession { session, server in
            let inside = try folder(in: server)
            let failure = try await remoteFailure {
                _ = try await session.download("/nonexistent/out", to: inside, maxBytes: 3) { _ in }
            }
            #expect(failure?.kind == .remoteIO)
            #expect(failure?.detail.contains("/nonexistent") == true)
        }
    }

    @Test func `a download over the limit stops there`() async throws {
        try await withSession { session, server in
            let inside = try folder(in: server)
            let failure = try await remoteFailure {
                _ = try await session.download("/usr/bin/tar", to: inside, maxBytes: 1000) { _ in }
            }
            #expect(failure?.kind == .tooLarge)
            #expect(try FileManager.default.contentsOfDirectory(atPath: inside).isEmpty)
            #expect(try await session.run("exit 3", input: nil) { _ in }.status == 3)
        }
    }

    @Test func `a hostile archive from the far side writes nothing outside`() async throws {
        for hostile in HostileArchive.all {
            let file = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString)")
            try Data(hostile.bytes).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            guard ["parent in name", "absolute symlink", "writing through a symlink"].contains(hostile.name) else {
                continue
            }
            try await withFakeTar("cat \(file.path)") { session, server in
                let inside = try folder(in: server)
                let failure = try await remoteFailure {
                    _ = try await session.download("/anything", to: inside, maxBytes: 1 << 20) { _ in }
                }
                #expect(failure?.kind == .hostileArchive)
                #expect(!FileManager.default.fileExists(atPath: server.folder.path + "/outside"))
            }
        }
    }

    @Test func `an archive without end is bounded by the limit`() async throws {
        var archive = TarArchive()
        archive.add("endless", size: 1 << 33 - 1)
        let file = FileManager.default.temporaryDirectory.appending(path: "endless-\(UUID().uuidString)")
        try Data(archive.bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await withFakeTar("cat \(file.path) /dev/zero") { session, server in
            let inside = try folder(in: server)
            let failure = try await remoteFailure {
                _ = try await session.download("/anything", to: inside, maxBytes: 1 << 20) { _ in }
            }
            #expect(failure?.kind == .tooLarge)
        }
    }

    @Test func `an archive that stops, with success claimed, is cut off`() async throws {
        try await withFakeTar("exit 0") { session, server in
            let inside = try folder(in: server)
            let failure = try await remoteFailure {
                _ = try await session.download("/anything", to: inside, maxBytes: 1 << 20) { _ in }
            }
            #expect(failure?.kind == .hostileArchive)
            #expect(failure?.detail.contains("cut off") == true)
        }
    }

    @Test func `a file that moved while it was read is a warning, and it is kept`() async throws {
        let script = "/usr/bin/tar \"$@\"; echo \"tar: a: file changed as we read it\" >&2; exit 1"
        try await withFakeTar(script) { session, server in
            let place = server.folder.path + "/a"
            try Data("abc".utf8).write(to: URL(filePath: place))
            let got = try await session.download(place, to: try folder(in: server), maxBytes: 3) { _ in }
            #expect(got.files.count == 1)
            #expect(got.warnings == ["tar: a: file changed as we read it"])
        }
    }

    @Test func `a download that is cut leaves no half file`() async throws {
        try await withProxiedSession { session, proxy, server, _ in
            let place = server.folder.path + "/big"
            try Data(count: 20_000_000).write(to: URL(filePath: place))
            let inside = try folder(in: server)
            proxy.cut(.down, after: 3_000_000)
            let failure = try await remoteFailure {
                _ = try await session.download(place, to: inside, maxBytes: 1 << 30) { _ in }
            }
            #expect(failure?.kind == .cutOff)
            #expect(try FileManager.default.contentsOfDirectory(atPath: inside).isEmpty)
        }
    }

    @Test func `cancelling a download ends it, leaves no half file, and the session of use`() async throws {
        try await withSession { session, server in
            let place = server.folder.path + "/big"
            try Data(count: 90_000_000).write(to: URL(filePath: place))
            let inside = try folder(in: server)
            let task = Locked<Task<Void, any Error>?>(nil)
            let begun = Task { () async throws in
                _ = try await session.download(place, to: inside, maxBytes: 1 << 30) { step in
                    if step.bytes > 1_000_000 { task.withLock { $0?.cancel() } }
                }
            }
            task.withLock { $0 = begun }
            let failure = try await remoteFailure { try await begun.value }
            #expect(failure?.kind == .cancelled)
            #expect(try FileManager.default.contentsOfDirectory(atPath: inside).isEmpty)
            #expect(try await session.run("exit 3", input: nil) { _ in }.status == 3)
        }
    }

    @Test func `a log can be followed while a download runs`() async throws {
        try await withSession { session, server in
            let place = server.folder.path + "/big"
            try Data(count: 30_000_000).write(to: URL(filePath: place))
            let inside = try folder(in: server)
            async let followed = session.run("for i in 1 2 3 4 5; do echo $i; sleep 0.02; done; exit 5", input: nil) {
                _ in
            }
            let got = try await session.download(place, to: inside, maxBytes: 1 << 30) { _ in }
            #expect(got.bytes == 30_000_000)
            #expect(try await followed.status == 5)
        }
    }

    // MARK: support

    private func zeros(_ count: Int) -> ShippedFile {
        ShippedFile(
            localPath: "", remotePath: "zeros",
            kind: .data([UInt8](repeating: 0, count: count), executable: false))
    }

    private func folder(in server: SSHDProcess) throws -> String {
        let place = server.folder.path + "/inside"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        return place
    }

    /// A session whose far side runs `script` when it is asked for `tar`.
    private func withFakeTar(
        _ script: String, _ body: (any RemoteHost, SSHDProcess) async throws -> Void
    ) async throws {
        let tools = FileManager.default.temporaryDirectory.appending(path: "tools-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: tools) }
        let tar = tools.appending(path: "tar")
        try "#!/bin/sh\n\(script)\n".write(to: tar, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tar.path)
        try await withSession(environment: ["PATH": "\(tools.path):/usr/bin:/bin"], body)
    }

    private func withProxiedSession(
        _ body: (any RemoteHost, LoopbackProxy, SSHDProcess, () async throws -> any RemoteHost) async throws -> Void
    ) async throws {
        let connector = SSHConnector()
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: [key.publicKey.line]) { server in
            let proxy = try LoopbackProxy(to: server.port)
            defer { proxy.end() }
            let direct = target(server, key)
            var place = direct
            place.port = proxy.port
            let session = try await connector.connect(to: place, timeout: .seconds(20))
            try await body(session, proxy, server) { try await connector.connect(to: direct, timeout: .seconds(20)) }
            await session.close()
        }
    }
}
