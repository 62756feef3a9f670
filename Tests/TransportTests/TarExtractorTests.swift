import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct TarExtractorTests {
    @Test func `files, folders and links arrive with content, time and mode`() throws {
        try withScratch { scratch throws in
            var archive = TarArchive()
            archive.add("out/", flag: "5", mode: 0o755)
            archive.add("out/run.sh", content: Array("hello".utf8), mode: 0o755)
            archive.add("out/link", flag: "2", link: "run.sh")
            archive.add("out/sub/up", flag: "2", link: "../run.sh")
            archive.add("out/hard", flag: "1", link: "out/run.sh")
            let received = try extract(archive.whole, into: scratch.inside)
            let hash = LibCrypto.sha256(Array("hello".utf8)).hex
            #expect(
                received == [
                    ReceivedFile(path: "out/run.sh", size: 5, sha256: hash),
                    ReceivedFile(path: "out/hard", size: 5, sha256: hash),
                ])
            for name in ["run.sh", "link", "sub/up", "hard"] {
                #expect(try String(contentsOfFile: scratch.inside + "/out/" + name, encoding: .utf8) == "hello")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: scratch.inside + "/out/run.sh")
            #expect(attributes[.posixPermissions] as? Int == 0o755)
            #expect((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 == 1_700_000_000)
            let folder = try FileManager.default.attributesOfItem(atPath: scratch.inside + "/out")
            #expect((folder[.modificationDate] as? Date)?.timeIntervalSince1970 == 1_700_000_000)
        }
    }

    /// Each archive tries to get out, or to leave something that later gets out.
    @Test(arguments: HostileArchive.all) func `a hostile archive is refused`(hostile: HostileArchive) throws {
        try withScratch { scratch throws in
            let failure = #expect(throws: RemoteFailure.self) { try extract(hostile.bytes, into: scratch.inside) }
            #expect(failure?.kind == .hostileArchive)
            #expect(failure?.detail.contains(hostile.says) == true, "\(failure?.detail ?? "")")
            #expect(try scratch.outsideIsUntouched)
        }
    }

    @Test func `set-id bits are never set`() throws {
        try withScratch { scratch throws in
            var archive = TarArchive()
            archive.add("root-me", content: [1], mode: 0o6777)
            archive.add("folder/", flag: "5", mode: 0o7777)
            _ = try extract(archive.whole, into: scratch.inside)
            let file = try FileManager.default.attributesOfItem(atPath: scratch.inside + "/root-me")
            #expect(file[.posixPermissions] as? Int == 0o755)
            let folder = try FileManager.default.attributesOfItem(atPath: scratch.inside + "/folder")
            #expect(folder[.posixPermissions] as? Int == 0o755)
        }
    }

    @Test func `what lies in the destination already is never overwritten, nor followed`() throws {
        try withScratch { scratch throws in
            try "mine".write(toFile: scratch.inside + "/a", atomically: true, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: scratch.inside + "/way", withDestinationPath: scratch.outside)
            var file = TarArchive()
            file.add("a", content: [1])
            let taken = #expect(throws: RemoteFailure.self) { try extract(file.whole, into: scratch.inside) }
            #expect(taken?.kind == .localIO)
            #expect(try String(contentsOfFile: scratch.inside + "/a", encoding: .utf8) == "mine")
            var through = TarArchive()
            through.add("way/b", content: [1])
            let refused = #expect(throws: RemoteFailure.self) { try extract(through.whole, into: scratch.inside) }
            #expect(refused?.kind == .hostileArchive)
            #expect(try scratch.outsideIsUntouched)
        }
    }

    @Test func `more than the limit is refused at the header, before a byte of it is written`() throws {
        try withScratch { scratch throws in
            var archive = TarArchive()
            archive.add("small", content: [UInt8](repeating: 1, count: 600))
            archive.add("large", content: [UInt8](repeating: 1, count: 600))
            let failure = #expect(throws: RemoteFailure.self) {
                try extract(archive.whole, into: scratch.inside, maxBytes: 1000)
            }
            #expect(failure?.kind == .tooLarge)
            #expect(!FileManager.default.fileExists(atPath: scratch.inside + "/large"))
            #expect(try extract(archive.whole, into: scratch.other(), maxBytes: 1200).count == 2)
        }
    }

    @Test func `a stream that stops anywhere is cut off, and leaves no half file`() throws {
        var archive = TarArchive()
        archive.add("a", content: [UInt8](repeating: 1, count: 700))
        archive.add("b", content: [UInt8](repeating: 2, count: 700))
        for count in stride(from: 0, to: archive.whole.count, by: 100) {
            try withScratch { scratch throws in
                let failure = #expect(throws: RemoteFailure.self) {
                    try extract(Array(archive.whole.prefix(count)), into: scratch.inside)
                }
                #expect(failure?.detail.contains("cut off") == true)
                for name in try FileManager.default.contentsOfDirectory(atPath: scratch.inside) {
                    #expect(try Data(contentsOf: URL(filePath: scratch.inside + "/" + name)).count == 700)
                }
            }
        }
    }

    @Test func `GNU tar's own archives are read, long names and all`() throws {
        try withScratch { scratch throws in
            let tree = try SampleTree(below: URL(filePath: scratch.outside))
            for format in ["gnu", "ustar", "pax", "oldgnu"] {
                let source =
                    scratch.outside + "/" + (try FileManager.default.contentsOfDirectory(atPath: scratch.outside)[0])
                let file = scratch.folder + "/\(format).tar"
                // ustar alone cannot hold the long names.
                let out = format == "ustar" ? ["--exclude", "long-*"] : []
                try run("/usr/bin/tar", ["--format=\(format)", "-cf", file, "-C", source] + out + ["."])
                let place = try scratch.other()
                let received = try extract(Array(Data(contentsOf: URL(filePath: file))), into: place)
                #expect(received.count == (format == "ustar" ? tree.files.count - 1 : tree.files.count))
                for item in received { #expect(item.sha256 == tree.files[item.path].map { LibCrypto.sha256($0).hex }) }
            }
        }
    }

    @Test func `a full disk is said in plain words`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard (try? run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path])) != nil else {
            return print("skipped: this user may not mount a small tmpfs")
        }
        defer { _ = try? run("/usr/bin/umount", [folder.path]) }
        var archive = TarArchive()
        archive.add("big", content: [UInt8](repeating: 1, count: 200_000))
        let failure = #expect(throws: RemoteFailure.self) { try extract(archive.whole, into: folder.path) }
        #expect(failure?.kind == .localIO)
        #expect(failure?.detail.contains("no space is left") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a destination that is missing is said`() {
        let failure = #expect(throws: RemoteFailure.self) {
            try extract(TarArchive().whole, into: "/nonexistent/place")
        }
        #expect(failure?.kind == .localIO)
        #expect(failure?.detail.contains("/nonexistent/place") == true)
    }
}

struct HostileArchive: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let says: String

    var testDescription: String { name }

    private init(_ name: String, says: String, isWhole: Bool = true, _ build: (inout TarArchive) -> Void) {
        var archive = TarArchive()
        build(&archive)
        self.name = name
        self.says = says
        bytes = isWhole ? archive.whole : archive.bytes
    }

    static let all: [HostileArchive] = [
        .init("absolute name", says: "absolute") { $0.add("/tmp/evil", content: [1]) },
        .init("parent in name", says: "..") { $0.add("../outside/evil", content: [1]) },
        .init("parent inside name", says: "..") { $0.add("a/../../outside/evil", content: [1]) },
        .init("parent in pax name", says: "..") {
            $0.addPax([("path", "../outside/evil")])
            $0.add("good", content: [1])
        },
        .init("parent in GNU long name", says: "..") {
            $0.addLongName("a/" + String(repeating: "x", count: 120) + "/../../../outside/evil")
            $0.add("good", content: [1])
        },
        .init("absolute symlink", says: "outside") { $0.add("l", flag: "2", link: "/etc/passwd") },
        .init("climbing symlink", says: "outside") { $0.add("a/l", flag: "2", link: "../../outside") },
        .init("symlink that climbs behind a name", says: "outside") { $0.add("a/l", flag: "2", link: "b/../../../x") },
        .init("symlink with a climbing pax target", says: "outside") {
            $0.addPax([("linkpath", "../outside")])
            $0.add("l", flag: "2", link: "good")
        },
        .init("symlink with a climbing GNU long target", says: "outside") {
            $0.addLongName("../outside/" + String(repeating: "y", count: 120), flag: "K")
            $0.add("l", flag: "2", link: "good")
        },
        .init("empty symlink", says: "outside") { $0.add("l", flag: "2", link: "") },
        .init("symlink chain by depth", says: "outside") {
            $0.add("p/q/d", flag: "2", link: "../../r")
            $0.add("l", flag: "2", link: "p/q/d/../../../outside")
        },
        .init("writing through a symlink", says: "no folder") {
            $0.add("d/", flag: "5")
            $0.add("l", flag: "2", link: "d")
            $0.add("l/evil", content: [1])
        },
        .init("writing through a file", says: "no folder") {
            $0.add("f", content: [1])
            $0.add("f/evil", content: [1])
        },
        .init("folder in place of a symlink", says: "twice") {
            $0.add("l", flag: "2", link: "d")
            $0.add("l/", flag: "5")
        },
        .init("the same file twice", says: "twice") {
            $0.add("a", content: [1])
            $0.add("a", content: [2])
        },
        .init("the same file twice by another spelling", says: "twice") {
            $0.add("x/a", content: [1])
            $0.add("./x//a", content: [2])
        },
        .init("file over folder", says: "twice") {
            $0.add("a/", flag: "5")
            $0.add("a", content: [2])
        },
        .init("hard link to outside", says: "..") { $0.add("h", flag: "1", link: "../outside/secret") },
        .init("hard link to an absolute name", says: "absolute") { $0.add("h", flag: "1", link: "/etc/passwd") },
        .init("hard link to what is not in the archive", says: "no file of this archive") {
            $0.add("h", flag: "1", link: "other")
        },
        .init("hard link to a symlink", says: "no file of this archive") {
            $0.add("l", flag: "2", link: "x")
            $0.add("h", flag: "1", link: "l")
        },
        .init("character device", says: "a character device") { $0.add("null", flag: "3") },
        .init("block device", says: "a block device") { $0.add("sda", flag: "4") },
        .init("fifo", says: "a fifo") { $0.add("pipe", flag: "6") },
        .init("sparse file", says: "a sparse file") { $0.add("s", flag: "S") },
        .init("unknown kind", says: "unknown kind") { $0.add("z", flag: "Z") },
        .init("file in place of the destination", says: "destination itself") { $0.add("./", flag: "2", link: "x") },
        .init("wrong checksum", says: "checksum") { $0.add("a", content: [1], breaksChecksum: true) },
        .init("a folder with content", says: "no file") { $0.add("d/", flag: "5", content: [1, 2, 3]) },
        .init("an endless name", says: "extension") { $0.add("long", flag: "L", size: 1 << 30) },
        .init("pax record that lies about its length", says: "length") {
            $0.add("pax", flag: "x", content: Array("999 path=a\n".utf8))
        },
        .init("pax record without an equals sign", says: "malformed") {
            $0.add("pax", flag: "x", content: Array("8 path a\n".utf8).prefix(9).map { $0 })
        },
        .init("pax size that is no number", says: "size") { $0.addPax([("size", "many")]) },
        .init("negative pax size", says: "negative") {
            $0.addPax([("size", "-1")])
            $0.add("a", content: [1])
        },
        .init("pax sparse file", says: "sparse") { $0.addPax([("GNU.sparse.major", "1")]) },
        .init("NUL in a name", says: "name") {
            $0.addPax([("path", "a\u{0}b")])
            $0.add("a", content: [1])
        },
        .init("no name", says: "name") { $0.add("", content: [1]) },
        .init("nothing at all", says: "cut off", isWhole: false) { _ in },
        .init("something after one block of zeros", says: "zeros") {
            $0.add("a")
            $0.addZeros()
            $0.add("b")
        },
    ]
}

extension TarArchive {
    mutating func addZeros() { addRaw([UInt8](repeating: 0, count: 512)) }
}

/// A folder to extract into, and one beside it that must stay as it is.
struct ScratchFolder {
    let folder: String
    var inside: String { folder + "/inside" }
    var outside: String { folder + "/outside" }

    var outsideIsUntouched: Bool {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy {
                ["inside", "outside"].contains($0)
            }
                && FileManager.default.contentsOfDirectory(atPath: outside).isEmpty
        }
    }

    /// One more empty folder.
    func other() throws -> String {
        let place = folder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        return place
    }
}

func withScratch(_ body: (ScratchFolder) throws -> Void) throws {
    let scratch = ScratchFolder(folder: FileManager.default.temporaryDirectory.path + "/tar-\(UUID().uuidString)")
    for folder in [scratch.inside, scratch.outside] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: scratch.folder) }
    try body(scratch)
}

/// Extracts in pieces of `piece` bytes, as a network might give them.
@discardableResult
func extract(
    _ bytes: [UInt8], into place: String, maxBytes: Int64 = 1 << 30, piece: Int = 333
) throws -> [ReceivedFile] {
    var extractor = try TarExtractor(into: place, maxBytes: maxBytes)
    var rest = bytes[...]
    while !rest.isEmpty {
        try extractor.take(rest.prefix(piece))
        rest = rest.dropFirst(piece)
    }
    try extractor.finish()
    return extractor.received
}
