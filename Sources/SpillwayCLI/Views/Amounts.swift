import SpillwayCore

/// Sizes, rates and spans as people read them, at a glance; never for money or for anything that is computed with.
enum Amounts {
    /// "0 B", "999 B", "1.2 kB", "34 MB": powers of 1000, three digits at most.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var unit = 0
        var tenths = count * 10
        while tenths >= 9995, unit < units.count - 1 {
            tenths = (tenths + 500) / 1000
            unit += 1
        }
        if unit == 0 || tenths >= 100 { return "\((tenths + 5) / 10) \(units[unit])" }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// "12 MB/s"; nil when nothing moved or no time passed.
    static func rate(_ count: Int64, over span: Duration) -> String? {
        let millis = milliseconds(span)
        guard count > 0, millis > 0 else { return nil }
        return bytes(Int64(clamping: Int128(count) * 1000 / Int128(millis))) + "/s"
    }

    /// "0.4s", "12s", "3m05s", "2h07m".
    static func span(_ span: Duration) -> String {
        let millis = max(0, milliseconds(span))
        let seconds = millis / 1000
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if millis < 9950 { return "\((millis + 50) / 1000).\((millis + 50) % 1000 / 100)s" }
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(two(seconds % 60))s" }
        return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
    }

    static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    static func milliseconds(_ span: Duration) -> Int64 {
        span.components.seconds * 1000 + span.components.attoseconds / 1_000_000_000_000_000
    }
}
