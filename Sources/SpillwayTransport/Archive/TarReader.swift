package import SpillwayCore

/// Reads a tar stream as it comes, in pieces of any size: a value, without I/O.
///
/// It understands ustar, GNU long names, base-256 numbers and pax; anything else is
/// ``RemoteFailure/Kind/hostileArchive``. Whether a member may be written is not its business.
package struct TarReader: Sendable {
    package enum Event {
        case entry(TarEntry)
        case data(ArraySlice<UInt8>)
        case endOfEntry
    }

    private enum Stage {
        case header
        case content(remaining: Int64, padding: Int)
        /// The text of a header extension, kept until it is whole.
        case annex(flag: UInt8, remaining: Int, padding: Int)
        case padding(Int)
        case finished
    }

    private var stage = Stage.header
    private var block: [UInt8] = []
    private var text: [UInt8] = []
    private var pending = TarExtensions()
    private var zeroBlocks = 0

    /// A header extension holds a name or a few records; more is an attack on our memory.
    private static let longestExtension = 1 << 20

    package init() {}

    /// Takes the next bytes. After a throw the reader must not be used again.
    package mutating func read(
        _ bytes: ArraySlice<UInt8>, _ emit: (Event) throws(RemoteFailure) -> Void
    ) throws(RemoteFailure) {
        var rest = bytes
        while !rest.isEmpty {
            switch stage {
            case .header:
                let taken = rest.prefix(TarLayout.block - block.count)
                block += taken
                rest = rest.dropFirst(taken.count)
                guard block.count == TarLayout.block else { return }
                try header(emit)
                block.removeAll(keepingCapacity: true)
            case .content(let remaining, let padding):
                let taken = rest.prefix(Int(min(remaining, Int64(rest.count))))
                rest = rest.dropFirst(taken.count)
                try emit(.data(taken))
                let left = remaining - Int64(taken.count)
                if left > 0 {
                    stage = .content(remaining: left, padding: padding)
                } else {
                    try emit(.endOfEntry)
                    stage = padding > 0 ? .padding(padding) : .header
                }
            case .annex(let flag, let remaining, let padding):
                let taken = rest.prefix(remaining)
                text += taken
                rest = rest.dropFirst(taken.count)
                if taken.count < remaining {
                    stage = .annex(flag: flag, remaining: remaining - taken.count, padding: padding)
                } else {
                    try pending.take(text, flag: flag)
                    text = []
                    stage = padding > 0 ? .padding(padding) : .header
                }
            case .padding(let count):
                let taken = min(count, rest.count)
                rest = rest.dropFirst(taken)
                stage = taken == count ? .header : .padding(count - taken)
            case .finished:
                return
            }
        }
    }

    /// Throws unless the archive's end mark was seen: a stream that just stops was cut off.
    package func finish() throws(RemoteFailure) {
        guard case .finished = stage else {
            throw RemoteFailure(.hostileArchive, "the archive stops before its end mark: the stream was cut off")
        }
    }

    private mutating func header(_ emit: (Event) throws(RemoteFailure) -> Void) throws(RemoteFailure) {
        if block.allSatisfy({ $0 == 0 }) {
            zeroBlocks += 1
            if zeroBlocks == 2 { stage = .finished }
            return
        }
        guard zeroBlocks == 0 else { throw Self.damaged("a lone block of zeros between its members") }
        let raw = try TarBlock(block)
        switch raw.flag {
        case UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x"), UInt8(ascii: "g"):
            guard raw.size > 0, raw.size <= Int64(Self.longestExtension) else {
                throw Self.damaged("a header extension of \(raw.size) bytes")
            }
            stage = .annex(
                flag: raw.flag, remaining: Int(raw.size), padding: TarLayout.padding(after: raw.size))
        default:
            let entry = try pending.apply(to: raw)
            pending = TarExtensions()
            try emit(.entry(entry))
            if entry.size > 0 {
                stage = .content(remaining: entry.size, padding: TarLayout.padding(after: entry.size))
            } else {
                try emit(.endOfEntry)
            }
        }
    }

    static func damaged(_ what: String) -> RemoteFailure {
        RemoteFailure(.hostileArchive, "the archive from the far side is damaged or forged: it holds \(what)")
    }
}
