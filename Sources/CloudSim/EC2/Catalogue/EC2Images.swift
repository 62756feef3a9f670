/// The public images, two builds of each, and one that a stranger has given the name of another: whoever looks images up by
/// name alone gets that one.
struct EC2Images: Sendable {
    struct Image: Sendable {
        var id: String
        var name: String
        var description: String
        var owner: String
        var alias: String?
        var arch: String
        var created: String
        var rootDevice: String
        var snapshotID: String
        var loginUser: String
        /// The public parameter that names it, of the newest builds.
        var parameter: String?
        /// GiB.
        var size = 8
    }

    private struct Family {
        var name: (_ arch: String, _ build: String) -> String
        var description: String
        var owner: String
        var alias: String?
        var builds: [String]
        /// How x86_64 is called in its names.
        var intel: String
        var rootDevice: String
        var loginUser: String
        var parameter: (_ arch: String) -> String
    }

    let images: [Image]

    init() {
        images =
            Self.families.flatMap { family in
                ["x86_64", "arm64"].flatMap { arch in
                    family.builds.enumerated().map { Self.image(family, arch, $1, isNewest: $0 == 0) }
                }
            }
            + [
                Image(
                    id: Self.id("ami", "stranger"),
                    name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20991231",
                    description: "not from Canonical", owner: "666666666666", alias: nil, arch: "x86_64",
                    created: "2099-12-31T00:00:00.000Z", rootDevice: "/dev/sda1",
                    snapshotID: Self.id("snap", "stranger"),
                    loginUser: "root", parameter: nil)
            ]
    }

    func image(_ id: String) -> Image? { images.first { $0.id == id } }

    /// An id that belongs to a text, the same in every simulated cloud; no image of the real one has it.
    private static func id(_ kind: String, _ text: String) -> String {
        kind + "-0" + SeededGenerator.uuid(of: "\(kind) \(text)").replacing("-", with: "").prefix(16)
    }

    private static func image(_ family: Family, _ arch: String, _ build: String, isNewest: Bool) -> Image {
        let alias = arch == "arm64" ? "arm64" : family.intel
        let name = family.name(alias, build)
        let digits = build.filter(\.isNumber).suffix(8)
        let date = "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))"
        return Image(
            id: id("ami", name), name: name, description: "\(family.description), \(arch), build \(build)",
            owner: family.owner, alias: family.alias, arch: arch, created: date + "T09:12:31.000Z",
            rootDevice: family.rootDevice, snapshotID: id("snap", name), loginUser: family.loginUser,
            parameter: isNewest ? family.parameter(alias) : nil)
    }

    private static let canonical = "/aws/service/canonical/ubuntu/server"

    private static var families: [Family] {
        [
            Family(
                name: { "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-\($0)-server-\($1)" },
                description: "Canonical, Ubuntu, 24.04", owner: "099720109477", builds: ["20261014", "20260912"],
                intel: "amd64", rootDevice: "/dev/sda1", loginUser: "ubuntu",
                parameter: { "\(canonical)/24.04/stable/current/\($0)/hvm/ebs-gp3/ami-id" }),
            Family(
                name: { "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-\($0)-server-\($1)" },
                description: "Canonical, Ubuntu, 22.04 LTS", owner: "099720109477", builds: ["20261009", "20260902"],
                intel: "amd64", rootDevice: "/dev/sda1", loginUser: "ubuntu",
                parameter: { "\(canonical)/22.04/stable/current/\($0)/hvm/ebs-gp2/ami-id" }),
            Family(
                name: { "debian-12-\($0)-\($1)-2259" }, description: "Debian 12", owner: "136693071363",
                builds: ["20261006", "20260811"], intel: "amd64", rootDevice: "/dev/xvda", loginUser: "admin",
                parameter: { "/aws/service/debian/release/12/latest/\($0)" }),
            Family(
                name: { "al2023-ami-2023.12.\($1).0-kernel-6.1-\($0)" }, description: "Amazon Linux 2023 AMI",
                owner: "137112412989", alias: "amazon", builds: ["20261019", "20260921"], intel: "x86_64",
                rootDevice: "/dev/xvda", loginUser: "ec2-user",
                parameter: { "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-\($0)" }),
        ]
    }
}
