/// "Did you mean": the nearest known word, if it is near enough to be worth saying.
package enum Suggestion {
    /// Same word in another style (`maxCost`, `max-cost`), else within a third of its length in edits.
    package static func nearest(to word: String, among known: [String]) -> String? {
        if let same = known.first(where: { folded($0) == folded(word) }) { return same }
        let near = known.map { (word: $0, distance: distance(folded(word), folded($0))) }
            .filter { $0.distance <= max(1, min(word.count, $0.word.count) / 3) }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// A key for `word` in this mapping, or the place in the whole language where that key belongs; in backquotes.
    static func key(for word: String, among fields: [FieldForm], language: [FieldForm]) -> String? {
        if let alias = fields.first(where: { $0.aliases.contains(word) }) { return "`\(alias.key)`" }
        let elsewhere = paths(language, below: "")
        if let exact = elsewhere.first(where: { $0.field.key == word || $0.field.aliases.contains(word) }) {
            return "`\(exact.path)`"
        }
        return nearest(to: word, among: fields.map(\.key)).map { "`\($0)`" }
            ?? nearest(to: word, among: elsewhere.map(\.field.key)).flatMap { key in
                elsewhere.first { $0.field.key == key }.map { "`\($0.path)`" }
            }
    }

    private static func paths(_ fields: [FieldForm], below: String) -> [(path: String, field: FieldForm)] {
        fields.map { (below + $0.key, $0) }
            + fields.flatMap { field in
                let item = if case .list = field.form { "[]" } else { "" }
                return paths(field.form.fields, below: "\(below)\(field.key)\(item).")
            }
    }

    private static func folded(_ word: String) -> String {
        String(
            decoding: word.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") },
            as: UTF8.self)
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.unicodeScalars.prefix(64)), Array(b.unicodeScalars.prefix(64)))
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var rows = [Array(0...b.count)]
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let same = a[i - 1] == b[j - 1]
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
