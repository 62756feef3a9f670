internal import SpillwayCore

/// What header extensions say about the member that follows them.
struct TarExtensions: Sendable {
    private var path: [UInt8]?
    private var link: [UInt8]?
    private var size: Int64?
    private var modified: Int64?

    mutating func take(_ text: [UInt8], flag: UInt8) throws(RemoteFailure) {
        switch flag {
        case UInt8(ascii: "L"): path = Array(text.prefix { $0 != 0 })
        case UInt8(ascii: "K"): link = Array(text.prefix { $0 != 0 })
        case UInt8(ascii: "x"):
            try takeRecords(text[...]) { (key, value) throws(RemoteFailure) in try take(key, value) }
        default:
            // Global records set defaults that no tar of ours relies on: they must be well-formed, no more.
            try takeRecords(text[...]) { (_, _) throws(RemoteFailure) in }
        }
    }

    func apply(to raw: TarBlock) throws(RemoteFailure) -> TarEntry {
        let path = path ?? raw.name
        let link = link ?? raw.link
        guard !path.isEmpty, !path.contains(0), !link.contains(0) else {
            throw TarReader.damaged("a member without a proper name")
        }
        let kind: TarEntry.Kind =
            switch raw.flag {
            // Before POSIX a folder was a file whose name ends in a slash.
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): path.last == 47 ? .directory : .file
            case UInt8(ascii: "1"): .hardlink(target: link)
            case UInt8(ascii: "2"): .symlink(target: link)
            case UInt8(ascii: "5"): .directory
            default: .other(flag: raw.flag)
            }
        let size = size ?? raw.size
        guard size >= 0 else { throw TarReader.damaged("a member of negative size") }
        if kind != .file, size != 0 {
            if case .other = kind {} else { throw TarReader.damaged("content in a member that is no file") }
        }
        return TarEntry(
            path: path, kind: kind, size: kind == .file ? size : 0, mode: raw.mode, modified: modified ?? raw.modified)
    }

    private mutating func take(_ key: String, _ value: [UInt8]) throws(RemoteFailure) {
        switch key {
        case "path": path = value
        case "linkpath": link = value
        case "size":
            guard let number = Int64(String(decoding: value, as: UTF8.self)) else {
                throw TarReader.damaged("a size that is no number")
            }
            size = number
        case "mtime": modified = Int64(String(decoding: value.prefix { $0 != 46 }, as: UTF8.self))
        case _ where key.hasPrefix("GNU.sparse."): throw TarReader.damaged("a sparse file, which is not understood")
        default: break
        }
    }

    /// "LENGTH key=value\n" over and over.
    private func takeRecords(
        _ text: ArraySlice<UInt8>, _ body: (String, [UInt8]) throws(RemoteFailure) -> Void
    ) throws(RemoteFailure) {
        var rest = text
        while let first = rest.first, first != 0 {
            let digits = rest.prefix { (48...57).contains($0) }
            guard let length = Int(String(decoding: digits, as: UTF8.self)), digits.count <= 7,
                length > digits.count + 2, length <= rest.count
            else { throw TarReader.damaged("a pax record of impossible length") }
            let record = rest.prefix(length)
            let fields = record.dropFirst(digits.count)
            guard fields.first == 32, record.last == 10, let equals = fields.firstIndex(of: 61) else {
                throw TarReader.damaged("a malformed pax record")
            }
            let key = String(decoding: fields[(fields.startIndex + 1)..<equals], as: UTF8.self)
            try body(key, Array(fields[(equals + 1)...].dropLast()))
            rest = rest.dropFirst(length)
        }
    }
}
