/// One member of a tar archive. Names are bytes, as in the file system.
package struct TarEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file
        case directory
        case symlink(target: [UInt8])
        /// To an earlier member of the same archive.
        case hardlink(target: [UInt8])
        /// A device, a fifo, or a kind that only its author knows.
        case other(flag: UInt8)
    }

    package var path: [UInt8]
    package var kind: Kind
    /// Zero for all but files.
    package var size: Int64
    /// Permission bits as in the archive, set-id bits included.
    package var mode: UInt32
    /// Seconds since 1970.
    package var modified: Int64

    package init(path: [UInt8], kind: Kind, size: Int64 = 0, mode: UInt32, modified: Int64) {
        self.path = path
        self.kind = kind
        self.size = size
        self.mode = mode
        self.modified = modified
    }
}

/// Sizes of the format.
enum TarLayout {
    static let block = 512

    /// Bytes that follow content of `size` up to the next block.
    static func padding(after size: Int64) -> Int {
        let rest = Int(size % Int64(block))
        return rest == 0 ? 0 : block - rest
    }
}
