/// The Marketplace: local images per zone, architecture and root volume type, with ids that stay the same everywhere.
struct ImageCatalog: Sendable {
    struct Image: Sendable {
        var id: String
        var label: String
        var name: String
        var zone: String
        var arch: String
        /// `instance_local` or `instance_sbs`.
        var type: String
        var rootSnapshotID: String
        /// Listed by the Marketplace; older versions are only found by their id.
        var isCurrent = true

        var isLocal: Bool { type == "instance_local" }
    }

    private struct Family {
        var label: String
        var name: String
        var gpu = false
        var arm = true
        var local = true
    }

    private static let families = [
        Family(label: "ubuntu_focal", name: "Ubuntu 20.04 Focal Fossa"),
        Family(label: "ubuntu_jammy", name: "Ubuntu 22.04 Jammy Jellyfish"),
        Family(label: "ubuntu_noble", name: "Ubuntu 24.04 Noble Numbat"),
        Family(label: "debian_bullseye", name: "Debian Bullseye"),
        Family(label: "debian_bookworm", name: "Debian Bookworm"),
        Family(label: "debian_trixie", name: "Debian Trixie"),
        Family(label: "fedora_40", name: "Fedora 40"), Family(label: "fedora_41", name: "Fedora 41"),
        Family(label: "fedora_42", name: "Fedora 42"), Family(label: "fedora_43", name: "Fedora 43"),
        Family(label: "almalinux_8", name: "AlmaLinux 8"), Family(label: "almalinux_9", name: "AlmaLinux 9"),
        Family(label: "rockylinux_8", name: "Rocky Linux 8"), Family(label: "rockylinux_9", name: "Rocky Linux 9"),
        Family(label: "centos_stream_9", name: "CentOS Stream 9"),
        Family(label: "docker", name: "Docker", arm: false),
        Family(
            label: "ubuntu_jammy_gpu_os_12", name: "Ubuntu Jammy GPU OS 12", gpu: true, arm: false, local: false),
        Family(
            label: "ubuntu_noble_gpu_os_12", name: "Ubuntu Noble GPU OS 12", gpu: true, arm: false, local: false),
    ]

    /// Ids and root snapshots as recorded in fr-par-1, keyed by label, architecture and type.
    private static let recorded: [String: (id: String, snapshot: String?)] = [
        "ubuntu_focal arm64 instance_sbs":
            ("516875a2-40bd-487a-bd5c-052b61f248a1", nil),
        "ubuntu_focal x86_64 instance_sbs":
            ("fc4d4e26-849d-4e03-b933-cb1626ca8cad", "dacec4bb-03fd-4723-ac85-7d8ca6ca83a7"),
        "ubuntu_focal x86_64 instance_local":
            ("36c33107-449a-474c-8823-bbd00ba6b35d", "2e13c99b-1e76-4c12-8cac-9cb245a34837"),
        "ubuntu_jammy arm64 instance_sbs":
            ("65ce6135-f6d5-4e90-82ec-ef09d29d1cff", nil),
        "ubuntu_jammy x86_64 instance_sbs":
            ("4481c662-2357-432f-b0fd-dd6470c08c49", "c75ef419-9a29-4fda-bd73-5de42af425b0"),
        "ubuntu_jammy x86_64 instance_local":
            ("ec31d73d-ca36-4536-adf4-0feb76d30379", "1973043b-32c4-4d52-baf4-5c99b42b4e39"),
    ]

    /// Versions that were current once: image ids change at each refresh, and old ids keep working.
    private static let superseded: [(id: String, label: String, type: String)] = [
        ("6d3c053e-c728-4294-b23a-560b62a4d592", "ubuntu_jammy", "instance_sbs"),
        ("8ac1fe52-01dc-4dc1-8578-73ec5d126648", "ubuntu_focal", "instance_sbs"),
        ("a02f91b9-de8a-4bd5-8f95-d79cb7d39806", "ubuntu_focal", "instance_local"),
        ("4a4d2994-e7e0-4b29-a760-36235e6ba258", "ubuntu_focal", "instance_local"),
        ("f974feac-abae-4365-b988-8ec7d1cec10d", "ubuntu_focal", "instance_local"),
    ]

    let images: [Image]
    private let byID: [String: Image]
    private let armTypes: [String]
    private let localTypes: [String]
    private let blockTypes: [String]
    private let gpuTypes: [String]

    init(definitions: [String: Catalog.Definition]) {
        var images: [Image] = []
        for family in Self.families {
            for zone in Catalog.zones {
                let kinds = [("x86_64", "instance_local", family.local), ("arm64", "instance_sbs", family.arm)]
                for (arch, type, exists) in kinds + [("x86_64", "instance_sbs", true)] where exists {
                    images.append(Self.image(family, zone: zone, arch: arch, type: type))
                }
            }
        }
        for old in Self.superseded {
            guard let family = Self.families.first(where: { $0.label == old.label }) else { continue }
            var image = Self.image(family, zone: "fr-par-1", arch: "x86_64", type: old.type)
            (image.id, image.isCurrent) = (old.id, false)
            images.append(image)
        }
        self.images = images
        byID = Dictionary(images.map { ($0.id, $0) }) { first, _ in first }

        func types(_ admits: (Catalog.Definition) -> Bool) -> [String] {
            definitions.filter { admits($0.value) }.keys.sorted()
        }
        armTypes =
            types { $0.arch == "arm64" } + ["COPARM1-2C-8G", "COPARM1-4C-16G", "COPARM1-8C-32G", "COPARM1-16C-64G"]
        localTypes = types { $0.arch == "x86_64" && $0.volumesConstraint.maxSize > 0 }
        blockTypes = types { $0.arch == "x86_64" }
        gpuTypes = types { $0.gpu > 0 }
    }

    func image(id: String, zone: String) -> Image? { byID[id].flatMap { $0.zone == zone ? $0 : nil } }
    func image(id: String) -> Image? { byID[id] }

    func hasLabel(_ label: String) -> Bool { Self.families.contains { $0.label == label } }

    /// Local images first, as the Marketplace orders them: taking the first one fails for types without local storage.
    func listed(label: String?, zone: String?, type: String?) -> [Image] {
        images.filter {
            $0.isCurrent && (label == nil || $0.label == label) && (zone == nil || $0.zone == zone)
                && (type == nil || $0.type == type)
        }
    }

    func compatibleTypes(_ image: Image) -> [String] {
        if image.label.contains("_gpu_") { return gpuTypes }
        if image.arch == "arm64" { return armTypes }
        return image.isLocal ? localTypes : blockTypes
    }

    private static func image(_ family: Family, zone: String, arch: String, type: String) -> Image {
        let known = zone == "fr-par-1" ? recorded["\(family.label) \(arch) \(type)"] : nil
        let key = "\(family.label) \(arch) \(type) \(zone)"
        return Image(
            id: known?.id ?? SeededGenerator.uuid(of: key), label: family.label, name: family.name, zone: zone,
            arch: arch, type: type, rootSnapshotID: known?.snapshot ?? SeededGenerator.uuid(of: "snapshot " + key))
    }
}
