package import SpillwayCore

/// The names of images that a spec may use, and the Marketplace labels behind them.
package enum ScalewayImages {
    struct Family: Sendable {
        var alias: String
        var label: String
        /// What the alias means on a type with GPUs: plain images are not offered there, and lack the driver.
        var gpuLabel: String?
    }

    static let families = [
        Family(alias: "ubuntu-20.04", label: "ubuntu_focal"),
        Family(alias: "ubuntu-22.04", label: "ubuntu_jammy", gpuLabel: "ubuntu_jammy_gpu_os_12"),
        Family(alias: "ubuntu-24.04", label: "ubuntu_noble", gpuLabel: "ubuntu_noble_gpu_os_12"),
        Family(alias: "ubuntu-22.04-gpu", label: "ubuntu_jammy_gpu_os_12"),
        Family(alias: "ubuntu-24.04-gpu", label: "ubuntu_noble_gpu_os_12"),
        Family(alias: "debian-11", label: "debian_bullseye"),
        Family(alias: "debian-12", label: "debian_bookworm"),
        Family(alias: "debian-13", label: "debian_trixie"),
        Family(alias: "fedora-40", label: "fedora_40"),
        Family(alias: "fedora-41", label: "fedora_41"),
        Family(alias: "fedora-42", label: "fedora_42"),
        Family(alias: "fedora-43", label: "fedora_43"),
        Family(alias: "almalinux-8", label: "almalinux_8"),
        Family(alias: "almalinux-9", label: "almalinux_9"),
        Family(alias: "rockylinux-8", label: "rockylinux_8"),
        Family(alias: "rockylinux-9", label: "rockylinux_9"),
        Family(alias: "centos-stream-9", label: "centos_stream_9"),
        Family(alias: "docker", label: "docker"),
    ]

    package static var aliases: [String] { families.map(\.alias) }

    /// Prefix for a Marketplace label that the table does not know: "label:wordpress".
    static let labelPrefix = "label:"

    /// An alias, one of their Marketplace labels, "label:" and any label, or the id of an image.
    enum Name: Sendable, Hashable {
        case id(String)
        case label(String)
    }

    /// What `name` means on `type`; nil when nothing is known by it.
    static func meaning(of name: String, on type: InstanceType) -> Name? {
        if ScalewayCredentials.isUUID(name) { return .id(name.lowercased()) }
        if name.hasPrefix(labelPrefix) { return .label(String(name.dropFirst(labelPrefix.count))) }
        if let family = families.first(where: { $0.alias == name }) {
            return .label(type.gpus > 0 ? family.gpuLabel ?? family.label : family.label)
        }
        return families.contains { $0.label == name } ? .label(name) : nil
    }

    /// Whether the root volume has to hold the GPU system as well.
    static func isGPUSystem(_ name: String, on type: InstanceType) -> Bool {
        guard case .label(let label)? = meaning(of: name, on: type) else { return false }
        return label.contains("_gpu_os_")
    }

    /// Throws code `spec.unknown-image` with the aliases there are. Asks nobody.
    package static func check(_ name: String) throws(Diagnostic) {
        guard
            ScalewayCredentials.isUUID(name) || families.contains(where: { $0.alias == name || $0.label == name })
                || (name.hasPrefix(labelPrefix) && name.utf8.count > labelPrefix.utf8.count)
        else {
            throw Diagnostic(
                "spec.unknown-image", "This image is not known",
                detail: "Scaleway has no image alias \"\(name)\".\(hint(for: name))",
                remedy: "Known are \(aliases.joined(separator: ", ")); also label:NAME of Scaleway's Marketplace, "
                    + "or the id of an image.", exit: .usage)
        }
    }

    static func hint(for name: String) -> String {
        let near =
            Suggestion.nearest(to: name, among: aliases) ?? Suggestion.nearest(to: name, among: families.map(\.label))
        return near.map { " Did you mean \"\($0)\"?" } ?? ""
    }
}
