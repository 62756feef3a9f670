/// One element of an XML document. Attributes, comments and processing instructions are left out; names are as written.
package struct XMLElement: Hashable, Sendable {
    package var name: String
    /// Of the element itself, its children's not included, in one piece and without the white space around it.
    package var text: String
    package var children: [XMLElement]

    package init(_ name: String, text: String = "", children: [XMLElement] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// The first child of this name.
    package subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// All children of this name, in order.
    package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}
