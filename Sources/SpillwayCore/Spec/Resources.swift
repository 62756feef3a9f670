/// The machine a burst asks for: by type, or by what it must have.
package struct Resources: Codable, Hashable, Sendable {
    package var location: SourceLocation
    package var instanceType: Located<String>?
    package var cpus: Located<Bounds<Int>>?
    package var memory: Located<Bounds<Bytes>>?
    package var gpu: Located<GPU>?
    /// Nil: whatever the instance type has.
    package var arch: Located<InstanceType.Arch>?
    /// Nil: the provider's default root volume.
    package var disk: Located<Bytes>?
    package var image: Located<String>
    package var spot: Located<Spot>

    package static let defaultImage = "ubuntu-24.04"

    package init(at location: SourceLocation) {
        self.location = location
        image = Located(Self.defaultImage, at: location)
        spot = Located(.never, at: location)
    }

    /// The keys that describe a machine instead of naming its type.
    package var hasRequirements: Bool { cpus != nil || memory != nil || gpu != nil }
}

/// Whether the machine may be one that the provider can take back.
package enum Spot: String, Codable, Hashable, Sendable, CaseIterable {
    case never = "false"
    case always = "true"
    case prefer
}

/// `L4:1`, `L4` (one of them) or `1` (one of any kind).
package struct GPU: Codable, Hashable, Sendable, CustomStringConvertible {
    package var name: String?
    package var count: Int

    package init(name: String?, count: Int) {
        self.name = name
        self.count = count
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, let count = Int(digits: parts[0]) {
            self.init(name: nil, count: count)
        } else if parts.count == 1 {
            self.init(name: parts[0], count: 1)
        } else if parts.count == 2, let count = Int(digits: parts[1]) {
            self.init(name: parts[0], count: count)
        } else {
            return nil
        }
        let isName = { (name: String) in
            name.utf8.first.map(\.isLetter) == true && name.utf8.allSatisfy { $0.isWordByte || $0 == UInt8(ascii: "-") }
        }
        guard (1...16).contains(count), name.map(isName) ?? true else { return nil }
    }

    package var description: String { name.map { "\($0):\(count)" } ?? String(count) }
}

/// `8` (exactly), `8..` (at least) or `8..16`.
package struct Bounds<Value: Comparable & Hashable & Codable & Sendable>: Codable, Hashable, Sendable {
    package var lower: Value
    /// Nil: no upper bound.
    package var upper: Value?

    /// Nil unless each part reads and the lower bound is not above the upper.
    package init?(_ text: String, _ read: (String) -> Value?) {
        guard let dots = text.firstRange(of: "..") else {
            guard let value = read(text) else { return nil }
            (lower, upper) = (value, value)
            return
        }
        guard let lower = read(String(text[..<dots.lowerBound])) else { return nil }
        self.lower = lower
        let rest = String(text[dots.upperBound...])
        guard !rest.isEmpty else { return }
        guard let upper = read(rest), upper >= lower else { return nil }
        self.upper = upper
    }

    package func contains(_ value: Value) -> Bool { value >= lower && (upper.map { value <= $0 } ?? true) }
}

extension Bounds: CustomStringConvertible where Value: CustomStringConvertible {
    package var description: String {
        guard let upper else { return "\(lower).." }
        return upper == lower ? "\(lower)" : "\(lower)..\(upper)"
    }
}
