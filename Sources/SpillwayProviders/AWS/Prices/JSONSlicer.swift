/// Cuts values out of a JSON document that comes piece by piece, without ever holding the document.
///
/// It looks at structure alone: keys, brackets and strings. What is cut out is JSON as it stood there.
struct JSONSlicer {
    /// Keys from the top down; nil stands for any key.
    typealias Path = [String?]

    enum Failure: Error, Hashable {
        case malformed(at: Int)
        /// One value that is wanted is larger than any should be.
        case tooLarge(at: Int)
    }

    static let largest = 1 << 20
    private static let deepest = 64

    private struct Frame {
        var isObject: Bool
        var key = ""
        var expectsKey: Bool
    }

    private let wanted: [Path]
    private let end: Path
    private let reach: Int
    private var frames: [Frame] = []
    private var offset = 0
    private var inString = false
    private var isEscaped = false
    private var readsKey = false
    private var key: [UInt8] = []
    private var slice: [UInt8] = []
    /// How many frames were open when the value that is being cut out began; nil between such values.
    private var cutFrom: Int?
    /// The whole document was seen, or the value at `end` has begun.
    private(set) var isComplete = false

    /// `wanted` are the paths of the values to cut out; reading ends where the value at `end` begins.
    init(wanted: [Path], end: Path) {
        self.wanted = wanted
        self.end = end
        reach = (wanted + [end]).map(\.count).max() ?? 0
    }

    /// Hands each value that ends in `bytes` to `found`, with the keys that lead to it.
    mutating func feed(_ bytes: [UInt8], _ found: (_ path: [String], _ value: [UInt8]) throws -> Void) throws {
        for byte in bytes where !isComplete {
            offset += 1
            if inString {
                try readString(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                inString = true
                readsKey = cutFrom == nil && frames.count <= reach && frames.last?.expectsKey ?? false
                if readsKey { key.removeAll(keepingCapacity: true) }
                try keep(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard frames.count < Self.deepest else { throw Failure.malformed(at: offset) }
                try keep(byte)
                let isObject = byte == UInt8(ascii: "{")
                frames.append(Frame(isObject: isObject, expectsKey: isObject))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                try endValue(found)
                guard let frame = frames.popLast(), frame.isObject == (byte == UInt8(ascii: "}")) else {
                    throw Failure.malformed(at: offset)
                }
                try keep(byte)
                try endWhole(found)
                isComplete = frames.isEmpty
            case UInt8(ascii: ","):
                try endValue(found)
                guard let last = frames.indices.last else { throw Failure.malformed(at: offset) }
                frames[last].expectsKey = frames[last].isObject
                try keep(byte)
            case UInt8(ascii: ":"):
                try keep(byte)
                beginValue()
            case UInt8(ascii: " "), 9, 10, 13:
                break
            default:
                guard !frames.isEmpty else { throw Failure.malformed(at: offset) }
                try keep(byte)
            }
        }
    }

    private mutating func readString(_ byte: UInt8) throws {
        try keep(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            inString = false
            return
        }
        if readsKey, key.count < 1024 { key.append(byte) }
    }

    /// A key was read: its value is about to come.
    private mutating func beginValue() {
        guard cutFrom == nil, let last = frames.indices.last, frames[last].expectsKey else { return }
        frames[last].expectsKey = false
        guard frames.count <= reach else { return }
        frames[last].key = String(decoding: key, as: UTF8.self)
        if matches(end) {
            isComplete = true
        } else if wanted.contains(where: matches) {
            cutFrom = frames.count
            slice.removeAll(keepingCapacity: true)
        }
    }

    private func matches(_ path: Path) -> Bool {
        path.count == frames.count
            && zip(path, frames).allSatisfy { key, frame in frame.isObject && (key == nil || key == frame.key) }
    }

    private mutating func keep(_ byte: UInt8) throws {
        guard cutFrom != nil else { return }
        guard slice.count < Self.largest else { throw Failure.tooLarge(at: offset) }
        slice.append(byte)
    }

    /// A comma or a closing bracket ends a number, a word or a string.
    private mutating func endValue(_ found: ([String], [UInt8]) throws -> Void) throws {
        guard cutFrom == frames.count, !slice.isEmpty else { return }
        try hand(found)
    }

    /// A closing bracket ends the object or list that was being cut out.
    private mutating func endWhole(_ found: ([String], [UInt8]) throws -> Void) throws {
        guard cutFrom == frames.count else { return }
        try hand(found)
    }

    private mutating func hand(_ found: ([String], [UInt8]) throws -> Void) throws {
        cutFrom = nil
        try found(frames.map(\.key), slice)
        slice.removeAll(keepingCapacity: true)
    }
}
