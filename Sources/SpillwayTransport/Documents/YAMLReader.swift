package import SpillwayCore

/// Reads one YAML (or JSON) document with the place of every node.
///
/// Only what a spec needs: anchors, aliases, tags and further documents are refused, so that no small file unfolds into
/// a big one and every value stands where its text stands.
package struct YAMLReader: ~Copyable {
    package static let maxBytes = 1 << 20
    package static let maxDepth = 64

    private let file: String
    private let bytes: [UInt8]
    private var events: YAMLEvents

    /// `file` is the name to show in diagnostics. Throws a ``Diagnostic`` with a `spec.…` code and exit 64.
    package static func read(text: String, file: String) throws(Diagnostic) -> DocumentNode {
        try read(bytes: Array(text.utf8), file: file)
    }

    /// As ``read(text:file:)``, for a file's bytes: what is not UTF-8 is refused with its place.
    package static func read(bytes: [UInt8], file: String) throws(Diagnostic) -> DocumentNode {
        guard bytes.count <= maxBytes else {
            throw YAMLProblem.tooBig(bytes.count, SourceLocation(file: file, line: 1, column: 1))
        }
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let offset = firstInvalidUTF8(bytes) {
            throw YAMLProblem.notUTF8(byte: bytes[offset], location(ofByte: offset, in: bytes, file: file))
        }
        var reader = YAMLReader(bytes: bytes, file: file)
        return try reader.document()
    }

    private init(bytes: [UInt8], file: String) {
        self.file = file
        self.bytes = bytes
        events = YAMLEvents(bytes)
    }

    private mutating func document() throws(Diagnostic) -> DocumentNode {
        let nothing = DocumentNode.mapping([], SourceLocation(file: file, line: 1, column: 1))
        _ = try next()
        let (start, place) = try next()
        guard case .documentStart(let hasTagDirectives) = start else { return nothing }
        if hasTagDirectives { throw YAMLProblem.tag("%TAG", place) }
        let root = try node(next(), depth: 1)
        _ = try next()
        let (after, second) = try next()
        guard case .streamEnd = after else { throw YAMLProblem.severalDocuments(second) }
        if case .scalar("", quoted: false, _) = root { return nothing }
        return root
    }

    private mutating func node(
        _ given: (event: YAMLEvent, place: SourceLocation), depth: Int
    ) throws(Diagnostic) -> DocumentNode {
        let place = given.place
        guard depth <= Self.maxDepth else { throw YAMLProblem.tooDeep(place) }
        switch given.event {
        case .alias(let name):
            throw YAMLProblem.alias("*\(name)", place)
        case .scalar(let text, let quoted, let properties):
            try refuse(properties, place)
            return .scalar(text, quoted: quoted, place)
        case .sequenceStart(let properties):
            try refuse(properties, place)
            return .sequence(try items(depth: depth), place)
        case .mappingStart(let properties):
            try refuse(properties, place)
            return .mapping(try entries(depth: depth), place)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLProblem.syntax("the document ends too early", place)
        }
    }

    private mutating func items(depth: Int) throws(Diagnostic) -> [DocumentNode] {
        var items: [DocumentNode] = []
        while true {
            let given = try next()
            if case .sequenceEnd = given.event { return items }
            items.append(try node(given, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(Diagnostic) -> [DocumentNode.Entry] {
        var entries: [DocumentNode.Entry] = []
        var seen: [String: SourceLocation] = [:]
        while true {
            let given = try next()
            if case .mappingEnd = given.event { return entries }
            guard case .scalar(let key, _, _) = try node(given, depth: depth + 1) else {
                throw YAMLProblem.key(given.place)
            }
            if let first = seen.updateValue(given.place, forKey: key) {
                throw YAMLProblem.duplicate(key, first: first, given.place)
            }
            let value = try node(next(), depth: depth + 1)
            entries.append(.init(key: key, keyLocation: given.place, value: value))
        }
    }

    private func refuse(_ properties: YAMLEvent.Properties, _ place: SourceLocation) throws(Diagnostic) {
        if let anchor = properties.anchor { throw YAMLProblem.alias("&\(anchor)", place) }
        if let tag = properties.tag { throw YAMLProblem.tag(tag, place) }
    }

    private mutating func next() throws(Diagnostic) -> (event: YAMLEvent, place: SourceLocation) {
        do {
            let (event, line, column) = try events.next()
            return (event, SourceLocation(file: file, line: line, column: column))
        } catch {
            if let offset = error.offset {
                throw YAMLProblem.syntax(error.text, Self.location(ofByte: offset, in: bytes, file: file))
            }
            throw YAMLProblem.syntax(error.text, SourceLocation(file: file, line: error.line, column: error.column))
        }
    }

    private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var source = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&source) { offset += UTF8.width(scalar) }
        return min(offset, bytes.count - 1)
    }

    private static func location(ofByte offset: Int, in bytes: [UInt8], file: String) -> SourceLocation {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 10 } + 1
        let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        // Continuation bytes belong to the character before them.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return SourceLocation(file: file, line: line, column: column)
    }
}
