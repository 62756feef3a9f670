/// Replaces secret values in a stream by asterisks of the same length, wherever the stream is cut into chunks.
///
/// The length is kept so that a log written from it can be continued at the byte where its size says. What might be the
/// beginning of a value is held back until the next chunk decides, so nothing of a value ever leaves.
package struct SecretMask: Sendable {
    /// Shorter values would tear holes into ordinary text.
    package static let shortest = 8

    private let values: [[UInt8]]
    /// For each byte the values that begin with it.
    private let beginning: [[Int]]
    private var held: [UInt8] = []
    /// How many of the held bytes belong to a value already seen in full.
    private var masked = 0

    /// Values of less than eight bytes are left alone.
    package init(_ secrets: [String]) {
        values = Set(secrets.map { Array($0.utf8) }).filter { $0.count >= Self.shortest }
            .sorted { $0.count > $1.count }
        var beginning = [[Int]](repeating: [], count: values.isEmpty ? 0 : 256)
        for (index, value) in values.enumerated() { beginning[Int(value[0])].append(index) }
        self.beginning = beginning
    }

    /// What of the stream so far may be shown.
    package mutating func mask(_ chunk: [UInt8]) -> [UInt8] {
        guard !values.isEmpty else { return chunk }
        held += chunk
        return release(isEnd: false)
    }

    /// The rest, when the stream has ended.
    package mutating func finish() -> [UInt8] { release(isEnd: true) }

    private mutating func release(isEnd: Bool) -> [UInt8] {
        var shown = 0
        scan: while shown < held.count {
            for index in beginning[Int(held[shown])] {
                switch match(values[index], at: shown) {
                case .whole: masked = max(masked, values[index].count)
                case .soFar where !isEnd: break scan
                case .soFar, .no: break
                }
            }
            if masked > 0 {
                held[shown] = UInt8(ascii: "*")
                masked -= 1
            }
            shown += 1
        }
        defer { held.removeSubrange(..<shown) }
        return Array(held[..<shown])
    }

    private enum Match { case whole, soFar, no }

    private func match(_ value: [UInt8], at start: Int) -> Match {
        let common = min(value.count, held.count - start)
        for offset in 0..<common where held[start + offset] != value[offset] { return .no }
        return common == value.count ? .whole : .soFar
    }
}
