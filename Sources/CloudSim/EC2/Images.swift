/// Images, and the public parameters that name the newest of them.
extension EC2Images {
    func known(_ id: String) throws -> Image {
        guard EC2Face.isID(id, kind: "ami") else {
            throw EC2Error("InvalidAMIID.Malformed", "Invalid id: \"\(id)\" (expecting \"ami-...\")")
        }
        guard let image = image(id) else {
            throw EC2Error("InvalidAMIID.NotFound", "The image id '[\(id)]' does not exist")
        }
        return image
    }
}

extension EC2Face {
    func describeImages() throws -> [XMLNode?] {
        let ids = query.list("ImageId")
        let owners = query.list("Owner")
        let asked = ids.isEmpty ? catalog.images.images : try ids.map(catalog.images.known)
        let owned = asked.filter { image in
            owners.isEmpty
                || owners.contains {
                    $0 == image.owner || $0 == image.alias || $0 == "self" && image.owner == account.accountID
                }
        }
        let found = try Filters(query).apply(
            owned, tags: { _ in [:] },
            [
                "name": { [$0.name] }, "architecture": { [$0.arch] }, "state": { _ in ["available"] },
                "image-id": { [$0.id] }, "owner-id": { [$0.owner] }, "owner-alias": { $0.alias.map { [$0] } ?? [] },
                "root-device-type": { _ in ["ebs"] }, "virtualization-type": { _ in ["hvm"] },
                "image-type": { _ in ["machine"] }, "is-public": { _ in ["true"] }, "creation-date": { [$0.created] },
                "description": { [$0.description] }, "root-device-name": { [$0.rootDevice] },
                "hypervisor": { _ in ["xen"] }, "ena-support": { _ in ["true"] },
            ])
        let (shown, next) = try page(found, least: 1)
        return [.list("imagesSet", shown.map(view)), next]
    }

    private func view(_ image: EC2Images.Image) -> [XMLNode?] {
        let disk: [XMLNode?] = [
            .text("deviceName", image.rootDevice),
            .node(
                "ebs",
                [
                    .text("snapshotId", image.snapshotID), .int("volumeSize", image.size), .text("volumeType", "gp3"),
                    .bool("deleteOnTermination", true), .bool("encrypted", false),
                ]),
        ]
        let place = image.alias ?? image.owner
        return [
            .text("imageId", image.id), .text("imageLocation", "\(place)/\(image.name)"),
            .text("imageState", "available"), .text("imageOwnerId", image.owner),
            .text("imageOwnerAlias", image.alias), .bool("isPublic", true), .text("name", image.name),
            .text("description", image.description), .text("architecture", image.arch),
            .text("imageType", "machine"), .text("rootDeviceType", "ebs"), .text("rootDeviceName", image.rootDevice),
            .list("blockDeviceMapping", [disk]), .text("virtualizationType", "hvm"), .text("hypervisor", "xen"),
            .bool("enaSupport", true), .text("creationDate", image.created), .text("platformDetails", "Linux/UNIX"),
            .text("usageOperation", "RunInstances"),
        ]
    }

    // MARK: SSM

    /// `GetParameter` and `GetParameters` of the Systems Manager, which speaks JSON.
    func answerParameters(_ action: String) throws -> Reply {
        let body = (try? JSON.parse(call.body)) ?? .null
        func parameter(_ name: String) -> JSON? {
            catalog.images.images.first { $0.parameter == name }.map { image in
                [
                    "Name": .string(name), "Type": "String", "Value": .string(image.id), "Version": 1,
                    "ARN": .string("arn:aws:ssm:\(EC2Account.region)::parameter\(name)"), "DataType": "aws:ec2:image",
                ]
            }
        }
        let answer: JSON
        switch action {
        case "GetParameter":
            guard let found = body["Name"]?.string.flatMap(parameter) else { throw EC2Error("ParameterNotFound", "") }
            answer = ["Parameter": found]
        case "GetParameters":
            let names = body["Names"]?.strings ?? []
            answer = [
                "Parameters": .array(names.compactMap(parameter)),
                "InvalidParameters": .list(names.filter { parameter($0) == nil }),
            ]
        default: throw EC2Error("UnknownOperationException", "")
        }
        return .json(answer, headers: ["Content-Type": "application/x-amz-json-1.1"])
    }
}
