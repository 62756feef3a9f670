import Foundation

/// One source file, seen as its reader and as its compiler see it.
struct SwiftSource: Sendable {
    /// Below the repository's root: "Sources/SpillwayCore/Ports/HTTPClient.swift".
    let path: String
    /// As written.
    let lines: [String]
    /// Without comments.
    let uncommented: [String]
    /// Without comments and without what stands in string literals; interpolated code is kept.
    let code: [String]

    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
        var stripper = Stripper(text)
        stripper.strip()
        uncommented = String(decoding: stripper.uncommented, as: UTF8.self).components(separatedBy: "\n")
        code = String(decoding: stripper.code, as: UTF8.self).components(separatedBy: "\n")
    }

    /// "path:line: text" of each line of `view` that `pattern` is found in.
    func findings(_ pattern: Regex<Substring>, in view: KeyPath<SwiftSource, [String]> = \.code) -> [String] {
        self[keyPath: view].enumerated().compactMap { number, line in
            line.contains(pattern) ? finding(number) : nil
        }
    }

    func finding(_ index: Int) -> String {
        "\(path):\(index + 1): \(lines[index].trimmingCharacters(in: .whitespaces))"
    }

    /// The modules imported, with the index of the line.
    var imports: [(module: String, index: Int)] {
        let pattern =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return code.enumerated().compactMap { index, line in
            line.firstMatch(of: pattern).map { (String($0.1), index) }
        }
    }
}

extension SwiftSource {
    /// Every Swift file below Sources/, in order.
    static func tree() throws -> [SwiftSource] { try read.get() }

    private static let read = Result { () throws -> [SwiftSource] in
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        return try names.sorted().map { name in
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            return SwiftSource(path: "Sources/\(name)", text: text)
        }
    }
}

/// Walks a file once and leaves the line breaks where they are.
private struct Stripper {
    private(set) var uncommented: [UInt8] = []
    private(set) var code: [UInt8] = []
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Ends at the end of the file; inside an interpolation, after its closing parenthesis.
    mutating func strip(insideInterpolation: Bool = false) {
        var depth = 0
        while index < bytes.count {
            let first = bytes[index]
            if first == UInt8(ascii: "/"), at("//") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if first == UInt8(ascii: "/"), at("/*") {
                skipBlockComment()
            } else if first == UInt8(ascii: "\"") || first == UInt8(ascii: "#"), let (quotes, hashes) = stringStart() {
                skipString(quotes: quotes, hashes: hashes)
            } else {
                let byte = take()
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if insideInterpolation, depth == 0 { return }
                    depth -= 1
                }
            }
        }
    }

    private func at(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[index...].starts(with: $0) }
    }

    @discardableResult
    private mutating func take() -> UInt8 {
        let byte = bytes[index]
        uncommented.append(byte)
        code.append(byte)
        index += 1
        return byte
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                index += 2
            } else if at("*/") {
                depth -= 1
                index += 2
            } else {
                if bytes[index] == UInt8(ascii: "\n") { take() } else { index += 1 }
            }
        } while depth > 0 && index < bytes.count
    }

    private func stringStart() -> (quotes: Int, hashes: Int)? {
        var end = index
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return (bytes[end...].starts(with: Array("\"\"\"".utf8)) ? 3 : 1, end - index)
    }

    private mutating func skipString(quotes: Int, hashes: Int) {
        for _ in 0..<(hashes + quotes) { take() }
        let quote = Array(repeating: UInt8(ascii: "\""), count: quotes)
        let close = quote + Array(repeating: UInt8(ascii: "#"), count: hashes)
        let escape = [UInt8(ascii: "\\")] + Array(repeating: UInt8(ascii: "#"), count: hashes)
        while index < bytes.count {
            let first = bytes[index]
            if first != UInt8(ascii: "\""), first != UInt8(ascii: "\\") {
                takeText()
            } else if bytes[index...].starts(with: close) {
                for _ in close { take() }
                return
            } else if bytes[index...].starts(with: escape + [UInt8(ascii: "(")]) {
                for _ in 0...escape.count { take() }
                strip(insideInterpolation: true)
            } else if bytes[index...].starts(with: escape) {
                // What is escaped ends no string.
                for _ in escape { takeText() }
                takeText()
            } else {
                takeText()
            }
        }
    }

    private mutating func takeText() {
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "\n") { code.append(bytes[index]) }
        uncommented.append(bytes[index])
        index += 1
    }
}
