import SpillwayCore
import Testing

@Suite struct SpecNotationTests {
    @Test(arguments: [
        ("80GB", 80_000_000_000), ("32GiB", 34_359_738_368), ("1KB", 1000), ("1KiB", 1024), ("5B", 5),
        ("1.5TB", 1_500_000_000_000),
        ("0.5 GiB", 536_870_912), ("8388607TiB", 9_223_370_937_343_148_032),
    ]) func `a size reads`(text: String, count: Int64) {
        #expect(Bytes(text)?.count == count)
    }

    @Test(arguments: [
        "", "80", "GB", "80gb", "80 GB ", "80  GB", "-1GB", "+1GB", "1_000B", "1.GB", ".5GB", "0.3B", "1.2.3GB",
        "9999999TiB", "١GB",
    ]) func `what is no size does not read`(text: String) {
        #expect(Bytes(text) == nil)
    }

    @Test(arguments: ["80GB", "32GiB", "1B", "1023B", "1500MB", "1KiB", "7TB"]) func `a size writes as it reads`(
        text: String
    ) {
        #expect(Bytes(text)?.description == text)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7/32"), ("10.0.0.0/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ("2001:DB8::1", "2001:db8::1/128"), ("2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"),
        ("::ffff:1.2.3.4", "::ffff:102:304/128"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128"),
        ("fe80::/10", "fe80::/10"),
        ("1::", "1::/128"), ("203.0.113.7/24", "203.0.113.0/24"),
    ]) func `a network reads, and writes in its one canonical form`(text: String, canonical: String) {
        #expect(AddressBlock(text)?.description == canonical)
        #expect(AddressBlock(canonical)?.description == canonical)
    }

    @Test(arguments: [
        "", "/", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "::1/129",
        ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3", "1:2:3:4:5:6:7::8", "1.2.3.4/8/8", "host",
    ]) func `what is no network does not read`(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test(arguments: [("L4:1", "L4", 1), ("L4", "L4", 1), ("H100-SXM:8", "H100-SXM", 8)]) func `a GPU reads`(
        text: String, name: String, count: Int
    ) {
        #expect(GPU(text) == GPU(name: name, count: count))
    }

    @Test func `a GPU may be any, and is never none`() {
        #expect(GPU("2") == GPU(name: nil, count: 2))
        for text in ["", "0", "L4:0", "L4:17", ":1", "L4:", "L4:1:1", "-1", "L 4"] {
            #expect(GPU(text) == nil, "\(text)")
        }
    }

    @Test func `bounds hold what lies between them`() throws {
        let atLeast = try #require(Bounds("8..") { Int($0) })
        #expect(atLeast.contains(8) && atLeast.contains(9000) && !atLeast.contains(7))
        let exactly = try #require(Bounds("8") { Int($0) })
        #expect(exactly.contains(8) && !exactly.contains(9))
        let between = try #require(Bounds("8..16") { Int($0) })
        #expect(between.contains(16) && !between.contains(17))
        for text in ["..8", "..", "16..8", "8...16", "a"] { #expect(Bounds(text) { Int($0) } == nil, "\(text)") }
    }

    @Test func `the room kept for collecting is a tenth, between one minute and ten`() {
        #expect(Budget.room(in: .minutes(5)) == .minutes(1))
        #expect(Budget.room(in: .hours(1)) == .minutes(6))
        #expect(Budget.room(in: .hours(10)) == .minutes(10))
    }
}
