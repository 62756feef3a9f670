internal import CExpat
package import SpillwayCore

/// Reads a whole XML document into values, with expat.
///
/// A document type is refused before anything of it is acted upon, and with it every entity but the five built-in
/// ones: no answer of a cloud has one, and what they can do (fetch, expand without end) is never wanted.
package enum XMLReader {
    package struct Limits: Sendable, Hashable {
        package var depth: Int
        package var elements: Int

        package init(depth: Int = 64, elements: Int = 1_000_000) {
            self.depth = depth
            self.elements = elements
        }
    }

    /// Elements called as one of `leavingOut` are checked for form and not kept, nor what is in them.
    /// Throws code `xml.malformed` with line and column; the bytes themselves are never repeated beyond a name.
    package static func read(
        _ bytes: [UInt8], leavingOut unread: Set<String> = [], limits: Limits = Limits()
    ) throws(Diagnostic) -> XMLElement {
        let tree = XMLTree(leavingOut: unread, limits: limits)
        let parser = ExpatParser(tree)
        let problem = parser.parse(bytes)
        if let refusal = tree.refusal { throw malformed(refusal, parser.place) }
        if let problem { throw malformed(problem, parser.place) }
        guard let root = tree.root else { throw malformed("there is no element", parser.place) }
        return root
    }

    private static func malformed(_ problem: String, _ place: (line: Int, column: Int)) -> Diagnostic {
        Diagnostic(
            "xml.malformed", "This is not well-formed XML",
            detail: "line \(place.line), column \(place.column): \(problem)")
    }
}

/// expat's parser over one document; it calls back into an ``XMLTree``.
private struct ExpatParser: ~Copyable {
    private let parser: XML_Parser
    private let tree: XMLTree

    init(_ tree: XMLTree) {
        guard let parser = XML_ParserCreate("UTF-8") else { fatalError("expat: out of memory") }
        self.parser = parser
        self.tree = tree
        // The tree outlives every callback: it is held by this value, and callbacks end with `parse`.
        XML_SetUserData(parser, Unmanaged.passUnretained(tree).toOpaque())
        XML_SetElementHandler(
            parser,
            { context, name, _ in
                guard let tree = XMLTree.of(context), let name else { return }
                tree.open(String(cString: name))
            },
            { context, _ in XMLTree.of(context)?.close() })
        XML_SetCharacterDataHandler(parser) { context, bytes, count in
            guard let bytes, count > 0 else { return }
            bytes.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                XMLTree.of(context)?.add(UnsafeBufferPointer(start: $0, count: Int(count)))
            }
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            XMLTree.of(context)?.refuse("a document type is not accepted")
        }
        tree.stop = { XML_StopParser(parser, XML_Bool(XML_FALSE)) }
    }

    deinit { XML_ParserFree(parser) }

    var place: (line: Int, column: Int) {
        (Int(XML_GetCurrentLineNumber(parser)), Int(XML_GetCurrentColumnNumber(parser)) + 1)
    }

    /// nil when the document is well-formed.
    func parse(_ bytes: [UInt8]) -> String? {
        let status = bytes.withUnsafeBytes { bytes in
            var status = XML_STATUS_OK
            var start = 0
            // In pieces: expat copies what it is given at once.
            repeat {
                let end = min(start + Self.piece, bytes.count)
                status = XML_Parse(
                    parser, bytes[start..<end].withMemoryRebound(to: CChar.self, \.baseAddress), Int32(end - start),
                    end == bytes.count ? 1 : 0)
                start = end
            } while status == XML_STATUS_OK && start < bytes.count
            return status
        }
        guard status != XML_STATUS_OK else { return nil }
        return XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unknown"
    }

    private static let piece = 64 << 10
}

/// Grows while expat walks the document.
private final class XMLTree {
    private struct Open {
        var element: XMLElement
        var isKept: Bool
        var text: [UInt8] = []
    }

    private let unread: Set<String>
    private let limits: XMLReader.Limits
    private var stack: [Open] = []
    private var count = 0
    /// A listing repeats few names many times: one piece of memory for each.
    private var names: Set<String> = []
    private(set) var root: XMLElement?
    private(set) var refusal: String?
    var stop: () -> Void = {}

    init(leavingOut unread: Set<String>, limits: XMLReader.Limits) { (self.unread, self.limits) = (unread, limits) }

    static func of(_ context: UnsafeMutableRawPointer?) -> XMLTree? {
        context.map { Unmanaged<XMLTree>.fromOpaque($0).takeUnretainedValue() }
    }

    func refuse(_ why: String) {
        refusal = refusal ?? why
        stop()
    }

    func open(_ name: String) {
        guard refusal == nil else { return }
        count += 1
        guard stack.count < limits.depth else { return refuse("it is nested deeper than \(limits.depth) elements") }
        guard count <= limits.elements else { return refuse("it has more than \(limits.elements) elements") }
        let known = names.insert(name).memberAfterInsert
        let isKept = stack.last.map { $0.isKept && !unread.contains(known) } ?? true
        stack.append(Open(element: XMLElement(known), isKept: isKept))
    }

    func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard refusal == nil, stack.last?.isKept == true else { return }
        stack[stack.count - 1].text += bytes
    }

    func close() {
        guard refusal == nil, var done = stack.popLast(), done.isKept else { return }
        done.element.text = Self.trimmed(done.text)
        done.element.children = done.element.children.map(\.self)  // without the room that growing left
        if stack.isEmpty {
            root = done.element
        } else {
            stack[stack.count - 1].element.children.append(done.element)
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
