import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct TarSourceTests {
    @Test func `GNU tar unpacks what is written here, names of every length included`() throws {
        try withScratch { scratch throws in
            let tree = try SampleTree(below: URL(filePath: scratch.outside))
            var files = tree.shipped
            var expected = tree.files
            for length in [1, 99, 100, 101, 155, 156, 199, 240] {
                for depth in [1, 2, 5] {
                    let name = String(repeating: "a", count: length)
                    let path = "d\(depth)/" + (0..<depth).map { "\($0)" + name }.joined(separator: "/")
                    files.append(ShippedFile(localPath: "", remotePath: path, kind: .data([1, 2], executable: true)))
                    expected[path] = [1, 2]
                }
            }
            files.append(ShippedFile(localPath: "", remotePath: "empty folder", kind: .directory))
            files.append(ShippedFile(localPath: "", remotePath: "link", kind: .symlink(target: "one")))
            let longTarget = String(repeating: "t/", count: 80) + "é"
            files.append(ShippedFile(localPath: "", remotePath: "far", kind: .symlink(target: longTarget)))
            try FileManager.default.removeItem(atPath: scratch.inside)
            let archive = scratch.folder + "/archive.tar"
            try Data(try bytes(of: files)).write(to: URL(filePath: archive))
            let place = try scratch.other()
            try run("/usr/bin/tar", ["-xpf", archive, "-C", place])
            for (path, content) in expected {
                #expect(try Data(contentsOf: URL(filePath: place + "/" + path)) == Data(content), "\(path)")
            }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place + "/link") == "one")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place + "/far") == longTarget)
            let mode = try FileManager.default.attributesOfItem(atPath: place + "/run.sh")[.posixPermissions]
            #expect(mode as? Int == 0o755)
        }
    }

    @Test func `what is written here is read here`() throws {
        try withScratch { scratch throws in
            let tree = try SampleTree(below: URL(filePath: scratch.outside))
            let received = try extract(try bytes(of: tree.shipped), into: scratch.inside, piece: 100_000)
            #expect(received.count == tree.files.count)
            for file in received { #expect(file.sha256 == tree.files[file.path].map { LibCrypto.sha256($0).hex }) }
        }
    }

    @Test func `a file of more than eight gibibytes has its size in pax`() throws {
        try withScratch { scratch throws in
            let place = scratch.inside + "/huge"
            #expect(FileManager.default.createFile(atPath: place, contents: nil))
            let size: Int64 = 9 << 30
            guard truncate(place, Int(size)) == 0 else { return print("skipped: no sparse file of 9 GiB here") }
            let file = ShippedFile(localPath: place, remotePath: "huge", kind: .file(size: size, executable: false))
            var source = TarSource([file], now: Timestamp(seconds: 0))
            var reader = TarReader()
            let piece = try #require(try source.next())
            let sizes = Locked<[Int64]>([])
            try reader.read(piece[...]) { (event) throws(RemoteFailure) in
                if case .entry(let entry) = event { sizes.withLock { $0.append(entry.size) } }
            }
            #expect(sizes.value == [size])
        }
    }

    @Test(arguments: Change.allCases) func `a file that changes under our hands is an error that names it`(
        change: Change
    ) throws {
        try withScratch { scratch throws in
            let place = scratch.inside + "/data.bin"
            let size = 3 * TarSource.pieceSize
            try Data(repeating: 7, count: size).write(to: URL(filePath: place))
            let file = ShippedFile(localPath: place, remotePath: "d", kind: .file(size: Int64(size), executable: false))
            if change.isBefore { try change.make(place) }
            var source = TarSource([file], now: Timestamp(seconds: 0))
            var failure: RemoteFailure?
            var pieces = 0
            do throws(RemoteFailure) {
                while try source.next() != nil {
                    pieces += 1
                    if pieces == 1, !change.isBefore { try? change.make(place) }
                }
            } catch {
                failure = error
            }
            #expect(failure?.kind == .source)
            #expect(failure?.detail.contains("data.bin " + change.says) == true, "\(failure?.detail ?? "")")
        }
    }

    enum Change: String, CaseIterable {
        case vanished, grownBefore, shrunkBefore, linked, fifo, grown, shrunk, rewritten

        var isBefore: Bool { [.vanished, .grownBefore, .shrunkBefore, .linked, .fifo].contains(self) }

        var says: String {
            switch self {
            case .vanished: "has vanished"
            case .grownBefore, .shrunkBefore: "was \(3 * TarSource.pieceSize) bytes when it was listed"
            case .linked: "cannot be read"
            case .fifo: "is no longer a regular file"
            case .grown: "grew while"
            case .shrunk: "shrank while"
            case .rewritten: "changed while"
            }
        }

        func make(_ place: String) throws {
            let url = URL(filePath: place)
            switch self {
            case .vanished: try FileManager.default.removeItem(at: url)
            case .grownBefore, .grown:
                let handle = try FileHandle(forWritingTo: url)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data([1]))
                try handle.close()
            case .shrunkBefore, .shrunk: truncate(place, 10)
            case .linked:
                try FileManager.default.removeItem(at: url)
                try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/etc/passwd")
            case .fifo:
                try FileManager.default.removeItem(at: url)
                mkfifo(place, 0o600)
            case .rewritten:
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: place)
            }
        }
    }

    @Test(arguments: ["", "/etc/x", "../x", "a/../b", "a//b", "./a", "a\u{0}b"])
    func `a name that is no plain relative path is not sent`(name: String) {
        let file = ShippedFile(localPath: "", remotePath: name, kind: .data([1], executable: false))
        #expect(throws: RemoteFailure.self) { _ = try bytes(of: [file]) }
    }

    private func bytes(of files: [ShippedFile]) throws -> [UInt8] {
        var source = TarSource(files, now: Timestamp(seconds: 1_700_000_000))
        var bytes: [UInt8] = []
        while let piece = try source.next() { bytes += piece }
        return bytes
    }
}
