internal import CYAML
internal import SpillwayCore

/// What libyaml saw next, copied out of its memory. Marks are where the thing begins.
enum YAMLEvent {
    struct Properties {
        var anchor: String?
        var tag: String?
    }

    case streamStart, streamEnd, documentEnd
    case documentStart(hasTagDirectives: Bool)
    case alias(String)
    case scalar(String, quoted: Bool, Properties)
    case sequenceStart(Properties), sequenceEnd
    case mappingStart(Properties), mappingEnd
}

/// libyaml's event parser over one document in memory.
struct YAMLEvents: ~Copyable {
    struct Problem: Error {
        var text: String
        var line: Int
        var column: Int
        /// The byte the reader choked on, where libyaml has no line for it.
        var offset: Int?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        // libyaml keeps a pointer to its input, so the bytes live as long as the parser does.
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else { fatalError("libyaml: out of memory") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event and its place, both counted from 1.
    mutating func next() throws(Problem) -> (event: YAMLEvent, line: Int, column: Int) {
        var raw = yaml_event_t()
        try check(yaml_parser_parse(parser, &raw))
        defer { yaml_event_delete(&raw) }
        return (Self.copy(raw), Int(raw.start_mark.line) + 1, Int(raw.start_mark.column) + 1)
    }

    private func check(_ result: Int32) throws(Problem) {
        guard result != 1 else { return }
        let failed = parser.pointee
        guard failed.error != YAML_MEMORY_ERROR else { fatalError("libyaml: out of memory") }
        var text = failed.problem.map { String(cString: $0) } ?? "cannot be read"
        if failed.error == YAML_READER_ERROR {
            throw Problem(text: text, line: 1, column: 1, offset: Int(failed.problem_offset))
        }
        if let context = failed.context.map({ String(cString: $0) }) {
            text += " \(context)"
            let start = failed.context_mark
            if start.line != failed.problem_mark.line || start.column != failed.problem_mark.column {
                text += " that begins at line \(start.line + 1), column \(start.column + 1)"
            }
        }
        throw Problem(
            text: text, line: Int(failed.problem_mark.line) + 1, column: Int(failed.problem_mark.column) + 1,
            offset: nil)
    }

    private static func copy(_ raw: yaml_event_t) -> YAMLEvent {
        let data = raw.data
        switch raw.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let directives = data.document_start.tag_directives
            return .documentStart(hasTagDirectives: directives.start != directives.end)
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return .scalar(
                value, quoted: scalar.style != YAML_PLAIN_SCALAR_STYLE,
                .init(anchor: text(scalar.anchor), tag: text(scalar.tag)))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(.init(anchor: text(data.sequence_start.anchor), tag: text(data.sequence_start.tag)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(.init(anchor: text(data.mapping_start.anchor), tag: text(data.mapping_start.tag)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        // After the end of the stream libyaml gives "no event" for ever.
        default: return .streamEnd
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
