/// One glob in gitignore's notation, over bytes: what `*` and `**` may cross is the difference between them.
///
/// Matching walks all readings of the pattern at once, so no pattern takes more than its length times the path's.
struct Glob: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// Any byte of the set; never a slash.
        case one(of: ByteSet)
        /// `*`: anything but slashes.
        case star
        /// `**/`: nothing, or anything that ends with a slash.
        case folders
        /// `**` at the end: anything.
        case rest
    }

    private var tokens: [Token] = []

    /// Nil for what can never match, such as an unclosed bracket.
    init?(_ pattern: some Collection<UInt8>) {
        let bytes = Array(pattern)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "*"):
                let end = bytes[index...].firstIndex { $0 != UInt8(ascii: "*") } ?? bytes.count
                let opens = index == 0 || bytes[index - 1] == UInt8(ascii: "/")
                if end - index > 1, opens, end == bytes.count {
                    tokens.append(.rest)
                } else if end - index > 1, opens, bytes[end] == UInt8(ascii: "/") {
                    tokens.append(.folders)
                    index = end + 1
                    continue
                } else {
                    tokens.append(.star)
                }
                index = end
            case UInt8(ascii: "?"):
                tokens.append(.one(of: .all))
                index += 1
            case UInt8(ascii: "["):
                guard let (set, end) = ByteSet.bracket(bytes, from: index) else { return nil }
                tokens.append(.one(of: set))
                index = end
            case UInt8(ascii: "\\"):
                guard index + 1 < bytes.count else { return nil }
                tokens.append(.byte(bytes[index + 1]))
                index += 2
            default:
                tokens.append(.byte(bytes[index]))
                index += 1
            }
        }
    }

    func matches(_ text: some Collection<UInt8>) -> Bool {
        var live = [Bool](repeating: false, count: tokens.count + 1)
        enter(0, &live)
        for byte in text {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            for (index, token) in tokens.enumerated() where live[index] {
                switch token {
                case .byte(byte): enter(index + 1, &next)
                case .byte: break
                case .one(let set): if byte != UInt8(ascii: "/"), set.contains(byte) { enter(index + 1, &next) }
                case .star: if byte != UInt8(ascii: "/") { enter(index, &next) }
                case .rest: enter(index, &next)
                case .folders:
                    next[index] = true
                    if byte == UInt8(ascii: "/") { enter(index + 1, &next) }
                }
            }
            live = next
        }
        return live[tokens.count]
    }

    /// A token that may match nothing lets the next one in at once.
    private func enter(_ index: Int, _ live: inout [Bool]) {
        live[index] = true
        guard index < tokens.count else { return }
        switch tokens[index] {
        case .star, .rest, .folders: enter(index + 1, &live)
        case .byte, .one: break
        }
    }
}

/// Which of the 256 bytes.
struct ByteSet: Hashable, Sendable {
    private var words: SIMD4<UInt64> = .zero

    static let all: ByteSet = {
        var set = ByteSet()
        set.words = SIMD4(repeating: .max)
        return set
    }()

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0 }
    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    /// Reads `[a-z]`, `[!a]`, `[^a]`, `[]a]`, `[\]]`, `[[:alpha:]]`; `start` is at the opening bracket. Gives the set
    /// and the place after the closing bracket; nil when there is none or a class has no such name.
    static func bracket(_ bytes: [UInt8], from start: Int) -> (set: ByteSet, end: Int)? {
        var set = ByteSet()
        var index = start + 1
        let negated = index < bytes.count && [UInt8(ascii: "!"), UInt8(ascii: "^")].contains(bytes[index])
        if negated { index += 1 }
        let first = index
        /// The lower end of a range that a hyphen may now begin.
        var lower: UInt8?
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "]"), index > first {
                if negated { set.words = ~set.words }
                return (set, index + 1)
            }
            if byte == UInt8(ascii: "-"), let from = lower, index + 1 < bytes.count,
                bytes[index + 1] != UInt8(ascii: "]")
            {
                guard let (upper, end) = literal(bytes, index + 1) else { return nil }
                if from <= upper { for member in from...upper { set.insert(member) } }
                (lower, index) = (nil, end)
            } else if byte == UInt8(ascii: "["), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ":"),
                let close = bytes[(index + 2)...].firstIndex(of: UInt8(ascii: "]")), close > index + 2,
                bytes[close - 1] == UInt8(ascii: ":")
            {
                let name = String(decoding: bytes[(index + 2)..<(close - 1)], as: UTF8.self)
                guard let belongs = classes[name] else { return nil }
                for member in UInt8.min...UInt8.max where belongs(member) { set.insert(member) }
                (lower, index) = (nil, close + 1)
            } else {
                guard let (member, end) = literal(bytes, index) else { return nil }
                set.insert(member)
                (lower, index) = (member, end)
            }
        }
        return nil
    }

    private static func literal(_ bytes: [UInt8], _ index: Int) -> (byte: UInt8, end: Int)? {
        guard bytes[index] == UInt8(ascii: "\\") else { return (bytes[index], index + 1) }
        return index + 1 < bytes.count ? (bytes[index + 1], index + 2) : nil
    }

    /// Of the C locale.
    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { $0.isLetter || $0.isDigit }, "alpha": { $0.isLetter }, "blank": { $0 == 32 || $0 == 9 },
        "cntrl": { $0 < 32 || $0 == 127 }, "digit": { $0.isDigit }, "graph": { $0 > 32 && $0 < 127 },
        "lower": { $0.isLowercase }, "print": { $0 >= 32 && $0 < 127 },
        "punct": { $0 > 32 && $0 < 127 && !$0.isLetter && !$0.isDigit },
        "space": { $0 == 32 || ($0 >= 9 && $0 <= 13) }, "upper": { $0.isUppercase },
        "xdigit": { $0.isDigit || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) },
    ]
}
