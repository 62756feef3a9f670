/// The scalar notations of the spec, each with what goes wrong most often and what to write instead.
enum Notations {
    /// Text that is passed on as it is; `noun` says what for.
    static func anyText(_ noun: String, plural: String, examples: [String] = [], mayBeEmpty: Bool = false) -> Shape<
        String
    > {
        let form = TextForm(
            noun: noun, plural: plural, pattern: mayBeEmpty ? nil : "\\S", examples: examples,
            alsoReads: mayBeEmpty ? [.number, .boolean] : []
        )
        return .text(form) { text, _ throws(Complaint) in
            guard !text.utf8.contains(0) else { throw Complaint(.wrongValue, "it contains a NUL character") }
            guard mayBeEmpty || text.contains(where: { !$0.isWhitespace }) else {
                throw Complaint(.wrongValue, "it is empty")
            }
            return text
        }
    }

    static let burstName = Shape<String>.text(
        TextForm(
            noun: "a name of lower-case letters, digits and hyphens", plural: "names",
            pattern: "^[a-z][a-z0-9-]{0,39}$", examples: ["render"])
    ) { text, _ throws(Complaint) in
        let bytes = Array(text.utf8)
        let isName = bytes.allSatisfy { $0.isLowercase || $0.isDigit || $0 == UInt8(ascii: "-") }
        guard isName, (1...40).contains(bytes.count), bytes[0].isLowercase else {
            throw Complaint(
                .wrongName, "a name begins with a lower-case letter and has up to 40 of a-z, 0-9 and `-`",
                remedy: slug(text).map { "Write `\($0)`." })
        }
        guard text != Spec.reservedName else {
            throw Complaint(
                .wrongName, "`\(text)` is what the state folder calls the heartbeat of sweeps",
                remedy: "Give the burst another name.")
        }
        return text
    }

    private static func slug(_ text: String) -> String? {
        let bytes = text.lowercased().utf8.map { $0.isLowercase || $0.isDigit ? $0 : UInt8(ascii: "-") }
        let name = bytes.drop { !$0.isLowercase }.prefix(40)
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    static let variableForm = TextForm(
        noun: "the name of a variable", plural: "names of variables", pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
        examples: ["THREADS"])
    static let variable = Shape<String>.text(variableForm) { text, _ throws(Complaint) in
        guard let first = text.utf8.first, !first.isDigit, text.utf8.allSatisfy(\.isWordByte) else {
            throw Complaint(.wrongName, "a variable has letters, digits and `_`, and does not begin with a digit")
        }
        guard !text.hasPrefix("SPILLWAY_") else {
            throw Complaint(.wrongName, "names that begin with `SPILLWAY_` are set by Spillway itself")
        }
        return text
    }

    /// A zone, an instance type or an image: checked by who knows the provider; here only for what no name has.
    static func word(_ noun: String, plural: String, examples: [String]) -> Shape<String> {
        let form = TextForm(noun: noun, plural: plural, pattern: "^[A-Za-z0-9][A-Za-z0-9._/:-]*$", examples: examples)
        return .text(form) { text, _ throws(Complaint) in
            let allowed = text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "._/:-".utf8.contains($0) }
            guard allowed, let first = text.utf8.first, first.isLetter || first.isDigit else {
                throw Complaint(.wrongName, "it has letters, digits and `. _ / : -` only")
            }
            return text
        }
    }

    static let duration = Shape<Seconds>.text(
        TextForm(
            noun: "a duration", plural: "durations", pattern: "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
            examples: ["90s", "15m", "3h"])
    ) { text, _ throws(Complaint) in
        if text.utf8.allSatisfy(\.isDigit), !text.isEmpty {
            throw Complaint(
                .wrongUnit, "a duration needs its unit", remedy: "Write `\(text)s`, `\(text)m` or `\(text)h`.")
        }
        guard let value = Seconds(text) else {
            throw Complaint(.wrongUnit, "a duration is written with `d`, `h`, `m` and `s`, such as `90s` or `1h30m`")
        }
        guard value.count > 0, value <= .hours(24 * 365) else {
            throw Complaint(.wrongRange, "a duration is more than nothing and at most 365d")
        }
        return value
    }

    static let size = Shape<Bytes>.text(
        TextForm(
            noun: "a size", plural: "sizes", pattern: "^[0-9]+(\\.[0-9]+)? ?([KMGT]i?)?B$", examples: ["80GB", "32GiB"])
    ) { text, _ throws(Complaint) in
        guard let value = Bytes(text) else { throw wrongSize(text) }
        guard value.count > 0 else { throw Complaint(.wrongRange, "a size is more than nothing") }
        return value
    }

    private static func wrongSize(_ text: String) -> Complaint {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).filter { $0 != " " }.lowercased()
        let units = ["KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"]
        let meant = units.first { $0.lowercased() == unit || $0.dropLast().lowercased() == unit }
        let remedy: String? =
            if !number.isEmpty, unit.isEmpty {
                "Write `\(number)GB` or `\(number)GiB`."
            } else if let meant, Bytes("\(number)\(meant)") != nil {
                "Write `\(number)\(meant)`."
            } else {
                nil
            }
        return Complaint(.wrongUnit, "a size is written with KB, MB, GB, TB or KiB, MiB, GiB, TiB", remedy: remedy)
    }

    static let money = Shape<Money>.text(
        TextForm(
            noun: "an amount", plural: "amounts", pattern: "^[0-9]+(\\.[0-9]{1,6})? *[A-Z]{3}$", examples: ["4.00 EUR"])
    ) { text, _ throws(Complaint) in
        guard let value = Money(text) else { throw wrongMoney(text) }
        guard value.micros > 0 else { throw Complaint(.wrongRange, "an amount is more than nothing") }
        return value
    }

    private static func wrongMoney(_ text: String) -> Complaint {
        var number = text.filter { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ",") }
        if number.filter({ $0 == "," }).count == 1, !number.contains(".") {
            number = String(number.map { $0 == "," ? "." : $0 })
        }
        let letters = text.uppercased().filter { $0.isASCII && $0.isLetter }
        let signs: [Character: String] = ["€": "EUR", "$": "USD", "£": "GBP"]
        let currency = letters.isEmpty ? text.compactMap { signs[$0] }.first : letters
        let why =
            currency == nil ? "an amount needs its currency" : "an amount is a number and a currency of three letters"
        let meant = "\(number) \(currency ?? "EUR")"
        return Complaint(.wrongUnit, why, remedy: Money(meant) == nil ? nil : "Write `\(meant)`.")
    }

    static let cpus = Shape<Bounds<Int>>.text(
        TextForm(
            noun: "a number or a range", plural: "ranges", pattern: "^[0-9]+(\\.\\.([0-9]+)?)?$",
            examples: ["8", "8..", "8..16"], alsoReads: [.integer])
    ) { text, _ throws(Complaint) in
        guard let range = Bounds(text, { Int(digits: $0) }), range.lower > 0 else {
            throw Complaint(.wrongRange, "a range has whole numbers above 0, the lower one first")
        }
        return range
    }

    static let memory = Shape<Bounds<Bytes>>.text(
        TextForm(
            noun: "a size or a range of sizes", plural: "ranges",
            pattern: "^[0-9.]+ ?[KMGTi]*B(\\.\\.([0-9.]+ ?[KMGTi]*B)?)?$",
            examples: ["32GB", "32GB..", "32GB..64GB"])
    ) { text, _ throws(Complaint) in
        guard let range = Bounds(text, { Bytes($0) }) else {
            throw text.contains("..")
                ? Complaint(.wrongUnit, "both ends of a range need a unit, and the lower one comes first")
                : wrongSize(text)
        }
        guard range.lower.count > 0 else { throw Complaint(.wrongRange, "a size is more than nothing") }
        return range
    }

    static let gpu = Shape<GPU>.text(
        TextForm(
            noun: "a GPU and how many", plural: "GPUs",
            pattern: "^([A-Za-z][A-Za-z0-9_-]*|[A-Za-z][A-Za-z0-9_-]*:[0-9]+|[0-9]+)$",
            examples: ["L4:1", "H100:2", "1"], alsoReads: [.integer])
    ) { text, _ throws(Complaint) in
        guard let gpu = GPU(text) else { throw Complaint(.wrongValue, "a GPU is a name and a number from 1 to 16") }
        return gpu
    }

    static let address = Shape<AddressBlock>.text(
        TextForm(
            noun: "a network", plural: "networks", pattern: "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$",
            examples: ["203.0.113.7/32"])
    ) { text, _ throws(Complaint) in
        guard let block = AddressBlock(text) else {
            throw Complaint(.wrongAddress, "a network is an IPv4 or IPv6 address and a prefix")
        }
        guard !AddressBlock.hasHostBits(text) else {
            throw Complaint(
                .wrongAddress, "the address has bits beyond its prefix",
                remedy: "Write `\(block)` for the network, or a prefix of /\(block.bytes.count * 8) for one address.")
        }
        return block
    }
}
