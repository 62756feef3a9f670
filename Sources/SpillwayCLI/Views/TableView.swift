/// Rows under headings, each column as wide as its widest cell. Cells are text of others: they are escaped here.
struct TableView {
    struct Column {
        var heading: String
        /// Numbers stand right.
        var right = false

        init(_ heading: String, right: Bool = false) {
            self.heading = heading
            self.right = right
        }
    }

    let columns: [Column]
    /// A row that is shorter than the columns ends early.
    let rows: [[String]]

    /// Without spaces at line ends. Where `width` is given, what does not fit is cut.
    func lines(style: Style = .plain, width: Int? = nil) -> [String] {
        let cells = rows.map { $0.prefix(columns.count).map(Escaping.terminal) }
        let widths = columns.indices.map { index in
            ([columns[index].heading] + cells.compactMap { $0.count > index ? $0[index] : nil })
                .map(TextWidth.of).max() ?? 0
        }
        func line(_ row: some Sequence<String>) -> String {
            var line = zip(row, columns.indices).map { cell, index in
                TextWidth.padded(cell, to: widths[index], right: columns[index].right)
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return width.map { TextWidth.cut(line, to: $0) } ?? line
        }
        return [style.dim(line(columns.map(\.heading)))] + cells.map(line)
    }
}
