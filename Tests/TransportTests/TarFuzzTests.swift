import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

/// Seeded mutations of good and hostile archives: never a crash, never a byte outside.
@Suite struct TarFuzzTests {
    @Test(arguments: 0..<8) func `mutated archives are read or refused`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 1000)
        let seeds = Self.seeds
        for _ in 0..<400 {
            let bytes = Self.mutate(seeds[Int.random(in: 0..<seeds.count, using: &random)], &random)
            var reader = TarReader()
            var rest = bytes[...]
            do throws(RemoteFailure) {
                while !rest.isEmpty {
                    let count = Int.random(in: 1...2000, using: &random)
                    try reader.read(rest.prefix(count)) { (_) throws(RemoteFailure) in }
                    rest = rest.dropFirst(count)
                }
                try reader.finish()
            } catch {
                #expect(error.kind == .hostileArchive)
            }
        }
    }

    @Test(arguments: 0..<4) func `mutated archives write nothing outside`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 2000)
        let seeds = Self.seeds
        try withScratch { scratch throws in
            for _ in 0..<100 {
                let bytes = Self.mutate(seeds[Int.random(in: 0..<seeds.count, using: &random)], &random)
                let place = scratch.inside + "/" + String(random.next(), radix: 36)
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                do {
                    try extract(bytes, into: place, maxBytes: 1 << 20, piece: Int.random(in: 1...3000, using: &random))
                } catch let failure as RemoteFailure {
                    #expect([.hostileArchive, .tooLarge, .localIO].contains(failure.kind))
                }
                #expect(try scratch.outsideIsUntouched)
                try Self.expectNoWayOut(of: place)
            }
        }
    }

    /// No link below `place` resolves to anything outside of it.
    private static func expectNoWayOut(of place: String) throws {
        let root = URL(filePath: place).resolvingSymlinksInPath().path
        for name in FileManager.default.enumerator(atPath: place).map(Array.init) ?? [] {
            guard let name = name as? String,
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: place + "/" + name)
            else { continue }
            #expect(!target.hasPrefix("/"))
            let resolved = URL(filePath: place + "/" + name).resolvingSymlinksInPath().path
            #expect(resolved == root || resolved.hasPrefix(root + "/"), "\(name) -> \(target) is \(resolved)")
        }
    }

    private static var seeds: [[UInt8]] {
        var good = TarArchive()
        good.add("d/", flag: "5", mode: 0o755)
        good.add("d/a", content: [UInt8](repeating: 65, count: 700))
        good.add("d/l", flag: "2", link: "../d/a")
        good.addPax([("path", "d/über"), ("size", "3"), ("mtime", "1.5")])
        good.add("x", content: [1, 2, 3])
        good.addLongName(String(repeating: "n/", count: 70) + "end")
        good.add("short", content: [9])
        good.add("h", flag: "1", link: "d/a")
        return [good.whole, good.whole] + HostileArchive.all.map(\.bytes)
    }

    private static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return bytes }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...600, using: &random)))
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(512), at: place / 512 * 512)
            case 4: bytes.replaceSubrange(place..<min(place + 3, bytes.count), with: Array("../".utf8.prefix(3)))
            default: bytes[place] = Array("./\u{0}0725LKxg=".utf8).randomElement(using: &random) ?? 0
            }
            guard !bytes.isEmpty else { return bytes }
        }
        // Without this hardly any mutation gets past the checksum.
        if Bool.random(using: &random) { fixChecksums(&bytes) }
        return bytes
    }

    private static func fixChecksums(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[(start + 257)..<(start + 262)].elementsEqual(Array("ustar".utf8)) {
            for index in 148..<156 { bytes[start + index] = 32 }
            let text = String(bytes[start..<start + 512].reduce(0) { $0 + Int($1) }, radix: 8)
            let field = Array((String(repeating: "0", count: max(0, 6 - text.count)) + text).utf8) + [0, 32]
            bytes.replaceSubrange((start + 148)..<(start + 156), with: field.prefix(8))
        }
    }
}
