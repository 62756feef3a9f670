package import SpillwayCore

/// The aliases of images, each with the numeric id of the account that publishes it and the pattern of its name.
///
/// Names alone are never trusted: anybody can publish an image of any name. The owners are those that Canonical,
/// Debian and Amazon document.
package enum AWSImages {
    struct Source: Sendable, Hashable {
        var owner: String
        /// With `%` for the architecture.
        var name: String
        /// How the publisher spells it.
        var x86: String
        var arm: String

        func pattern(_ arch: InstanceType.Arch) -> String {
            name.replacing("%", with: arch == .x86_64 ? x86 : arm)
        }
    }

    private static let canonical = "099720109477"
    private static let debian = "136693071363"
    private static let amazon = "137112412989"

    static let aliases: [String: Source] = {
        var aliases: [String: Source] = [:]
        for (version, name, disk) in [
            ("22.04", "jammy", "hvm-ssd"), ("24.04", "noble", "hvm-ssd-gp3"),
        ] {
            aliases["ubuntu-\(version)"] = Source(
                owner: canonical, name: "ubuntu/images/\(disk)/ubuntu-\(name)-\(version)-%-server-*", x86: "amd64",
                arm: "arm64")
        }
        for version in ["12", "13"] {
            aliases["debian-\(version)"] = Source(
                owner: debian, name: "debian-\(version)-%-*", x86: "amd64", arm: "arm64")
        }
        aliases["amazon-linux-2023"] = Source(
            owner: amazon, name: "al2023-ami-2023.*-kernel-6.1-%", x86: "x86_64", arm: "arm64")
        return aliases
    }()

    /// "ami-0abc…" stands for itself.
    static func isID(_ image: String) -> Bool {
        image.hasPrefix("ami-") && image.dropFirst(4).allSatisfy { $0.isHexDigit && !$0.isUppercase }
            && image.utf8.count > 8
    }

    /// "123456789012/name*": an account's own image by its name.
    static func owned(_ image: String) -> (owner: String, name: String)? {
        guard let slash = image.firstIndex(of: "/") else { return nil }
        let owner = image[..<slash]
        let name = image[image.index(after: slash)...]
        guard owner.utf8.count == 12, owner.allSatisfy(\.isASCII), owner.allSatisfy(\.isNumber), !name.isEmpty else {
            return nil
        }
        return (String(owner), String(name))
    }

    /// Throws code `spec.unknown-image` with the aliases there are.
    package static func check(_ image: String) throws(Diagnostic) {
        guard aliases[image] == nil, !isID(image), owned(image) == nil else { return }
        let known = aliases.keys.sorted()
        throw Diagnostic(
            "spec.unknown-image", "Unknown image",
            detail: "\"\(image)\" is no alias on aws. A name is taken only with the account that publishes it: anybody "
                + "can publish an image of any name.",
            remedy: Suggestion.nearest(to: image, among: known).map { "Did you mean \($0)?" }
                ?? "The aliases are \(known.joined(separator: ", ")); ami-… and 123456789012/NAME work as well.",
            exists: "Nothing was created.", exit: .usage)
    }
}
