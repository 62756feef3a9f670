/// The reads of instances.
extension EC2Face {
    /// What a Describe action sees: ids that are too new, or not there at all, are an error.
    private func seen() throws -> [Machine] {
        let ids = query.list("InstanceId")
        if let wrong = ids.first(where: { !Self.isID($0, kind: "i") }) {
            throw EC2Error("InvalidInstanceID.Malformed", "Invalid id: \"\(wrong)\"")
        }
        let machines = listed.ec2.ended.merging(listed.machines.filter { $0.value.instance != nil }) { _, live in live }
        return try selected("InstanceId", from: machines, code: "InvalidInstanceID.NotFound", thing: "instance")
            .sorted {
                ($0.created, $0.instance?.launchIndex ?? 0, $0.id) < ($1.created, $1.instance?.launchIndex ?? 0, $1.id)
            }
    }

    static func isID(_ text: String, kind: String) -> Bool {
        guard text.hasPrefix(kind + "-") else { return false }
        let digits = text.dropFirst(kind.count + 1)
        return (digits.count == 17 || digits.count == 8) && digits.allSatisfy(\.isHexDigit)
    }

    private var fields: Filters.Fields<Machine> {
        [
            "instance-id": { [$0.id] }, "instance-state-name": { [state($0).name] },
            "instance-state-code": { [String(state($0).code)] }, "client-token": { [$0.instance?.clientToken ?? ""] },
            "instance-type": { [$0.type] }, "availability-zone": { [$0.zone] }, "image-id": { [$0.imageID] },
            "key-name": { $0.instance?.keyName.map { [$0] } ?? [] }, "architecture": { [$0.arch] },
            "reservation-id": { [$0.instance?.reservationID ?? ""] },
            "launch-index": { [String($0.instance?.launchIndex ?? 0)] },
            "subnet-id": { [$0.instance?.subnetID ?? ""] }, "vpc-id": { _ in [account.vpcID] },
            "ip-address": { publicAddress($0).map { [$0] } ?? [] },
            "private-ip-address": { [$0.instance?.privateAddress ?? ""] },
            "instance.group-id": { $0.firewallIDs }, "network-interface.group-id": { $0.firewallIDs },
            "instance-lifecycle": { $0.instance?.spotRequestID == nil ? [] : ["spot"] },
            "spot-instance-request-id": { $0.instance?.spotRequestID.map { [$0] } ?? [] },
            "block-device-mapping.volume-id": { $0.disks.values.map(\.volumeID) },
            "owner-id": { _ in [account.accountID] }, "root-device-type": { _ in ["ebs"] },
            "launch-time": { [$0.instance?.launched.ec2Text ?? ""] },
        ]
    }

    func describeInstances() throws -> [XMLNode?] {
        if query["MaxResults"] != nil, !query.list("InstanceId").isEmpty {
            throw EC2Error.combination("The parameter instancesSet cannot be used with the parameter maxResults")
        }
        let machines = try Filters(query).apply(seen(), tags: { tags($0.id) }, fields)
        let (shown, next) = try page(machines)
        var order: [String] = []
        var groups: [String: [Machine]] = [:]
        for machine in shown {
            let id = machine.instance?.reservationID ?? ""
            if groups[id] == nil { order.append(id) }
            groups[id, default: []].append(machine)
        }
        return [.list("reservationSet", order.map { reservation($0, groups[$0] ?? []) }), next]
    }

    func describeInstanceStatus() throws -> [XMLNode?] {
        let isForAll = try query.bool("IncludeAllInstances") ?? false
        let machines = try Filters(query).apply(seen(), tags: { tags($0.id) }, fields)
            .filter { isForAll || $0.phase == .running && $0.instance?.ended == nil }
        let (shown, next) = try page(machines)
        return [.list("instanceStatusSet", shown.map(status)), next]
    }

    private func status(_ machine: Machine) -> [XMLNode?] {
        let isRunning = machine.phase == .running && machine.instance?.ended == nil
        let health =
            !isRunning
            ? "not-applicable" : machine.bootFailure != nil ? "impaired" : machine.isInitialised ? "ok" : "initializing"
        func node(_ name: String, _ text: String) -> XMLNode {
            let check = text == "ok" ? "passed" : text == "impaired" ? "failed" : text
            let details: [XMLNode?] = [.text("name", "reachability"), .text("status", check)]
            return .node(name, [.text("status", text), isRunning ? .list("details", [details]) : nil])
        }
        return [
            .text("instanceId", machine.id), .text("availabilityZone", machine.zone),
            state("instanceState", state(machine)), node("systemStatus", isRunning ? "ok" : "not-applicable"),
            node("instanceStatus", health),
        ]
    }

    func describeInstanceAttribute() throws -> [XMLNode?] {
        let machine = try live(try query.required("InstanceId"))
        let attribute = try query.required("Attribute")
        func value(_ text: String) -> XMLNode { .node(attribute, [.text("value", text)]) }
        let node: XMLNode =
            switch attribute {
            case "userData":
                .node(attribute, [.text("value", machine.userData["cloud-init"].map(Self.base64))])
            case "disableApiTermination": value(machine.isProtected ? "true" : "false")
            case "instanceInitiatedShutdownBehavior": value(machine.instance?.shutdownBehavior.rawValue ?? "stop")
            case "instanceType": value(machine.type)
            case "groupSet": groupNodes(machine.firewallIDs)
            default:
                throw EC2Error.invalid("Value (\(attribute)) for parameter attribute is invalid. Unknown attribute.")
            }
        return [.text("instanceId", machine.id), node]
    }

    func describeCredits() throws -> [XMLNode?] {
        let (shown, next) = try page(seen().filter { $0.instance?.cpuCredits != nil && $0.instance?.ended == nil })
        return [
            .list(
                "instanceCreditSpecificationSet",
                shown.map { [.text("instanceId", $0.id), .text("cpuCredits", $0.instance?.cpuCredits)] }), next,
        ]
    }
}
