import ArgumentParser
import FoundationEssentials
import Glibc
import SpillwayCore
import SpillwayEngine

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what is missing on this machine, and whether the credentials work.",
        discussion: "It creates nothing, here or in a cloud. Exit 1 when something that is needed fails.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let invocation = Invocation(global)
        var findings = [state(invocation)]
        findings += rehearsal(invocation)
        for name in [ProviderName.scaleway, .aws] { findings += await provider(name, invocation) }
        for finding in findings {
            if invocation.output.json {
                try invocation.output.result(finding)
            } else {
                invocation.output.result(finding.text)
            }
        }
        if findings.contains(where: { $0.level == .fails }) { throw Finished(code: .error) }
    }

    struct Finding: Encodable {
        enum Level: String, Encodable {
            case good = "ok"
            /// Something that only some uses need.
            case absent = "missing"
            case fails
        }

        var level: Level
        var what: String
        var detail: String
        var remedy: String?

        var text: String {
            let mark = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.count)
            return "\(mark)  \(what): \(Escaping.terminal(detail))" + (remedy.map { "\n         \($0)" } ?? "")
        }
    }

    // MARK: What is looked at

    private func state(_ invocation: Invocation) -> Finding {
        let path = invocation.stateDir()
        do {
            guard try StateFolder.existing(path) != nil else {
                return Finding(level: .good, what: "state", detail: "\(path) will be made by the first apply")
            }
            return Finding(level: .good, what: "state", detail: path)
        } catch {
            return Finding(
                level: .fails, what: "state", detail: "\(error.summary). \(error.detail)", remedy: error.remedy)
        }
    }

    /// The programs that `rehearse` and `provider: local` need, and OpenSSH's client for `ssh`.
    private func rehearsal(_ invocation: Invocation) -> [Finding] {
        let needed = [
            ("cloudsim", "rehearse", "make build", SimulatedCloud.path(invocation.environment)),
            ("bwrap", "rehearse", "apt-get install bubblewrap", program("bwrap", invocation)),
            ("sshd", "rehearse", "apt-get install openssh-server", program("sshd", invocation)),
            ("ssh", "spillway ssh", "apt-get install openssh-client", program("ssh", invocation)),
        ]
        var findings = needed.map { name, use, remedy, path in
            path.map { Finding(level: .good, what: name, detail: $0) }
                ?? Finding(level: .absent, what: name, detail: "not installed; \(use) needs it", remedy: remedy)
        }
        if let limit = FileManager.default.contents(atPath: "/proc/sys/user/max_user_namespaces"),
            String(decoding: limit, as: UTF8.self).hasPrefix("0")
        {
            findings.append(
                Finding(
                    level: .absent, what: "user namespaces", detail: "switched off; an ordinary user cannot rehearse",
                    remedy: "sysctl -w user.max_user_namespaces=1000"))
        }
        return findings
    }

    private func program(_ name: String, _ invocation: Invocation) -> String? {
        let folders =
            (invocation.environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Credentials, reachability and the right to list, with the cheapest call there is; then, where the provider can be
    /// asked, what else a burst needs.
    private func provider(_ name: ProviderName, _ invocation: Invocation) async -> [Finding] {
        let what = name.rawValue
        do {
            let choice = CloudChoice(invocation: invocation, stateDir: invocation.stateDir())
            let cloud = try await choice.open(name)
            guard let zone = cloud.defaultZone ?? cloud.provider.traits.zones.first else { return [] }
            let found = try await cloud.provider.list(
                Set(ResourceKind.allCases), scope: .owner(try invocation.owner()), zones: [zone])
            let text = found.isEmpty ? "nothing of yours in \(zone)" : "\(found.count) resources of yours in \(zone)"
            let account = Finding(level: .good, what: what, detail: "account \(cloud.account); \(text)")
            return [account] + [try await permissions(cloud, zone, what)].compactMap(\.self)
        } catch let error as Diagnostic {
            return [finding(error, what, error.code == "credentials.missing" ? .absent : .fails)]
        } catch let error as ProviderError {
            return [finding(error.diagnostic, what, .fails)]
        } catch {
            return [Finding(level: .fails, what: what, detail: "\(error)")]
        }
    }

    private func permissions(_ cloud: Cloud, _ zone: String, _ what: String) async throws -> Finding? {
        guard let preflight = cloud.preflight,
            let type = cloud.rules.catalogue().zone(zone)?.types.filter({ $0.arch == .x86_64 })
                .min(by: { $0.rate.nanos < $1.rate.nanos })
        else { return nil }
        let answers = try await preflight.ask(zone: zone, type: type, root: .block, image: Resources.defaultImage)
        do {
            try answers.check()
            return Finding(level: .good, what: what, detail: answers.sentence)
        } catch {
            return finding(error, what, .fails)
        }
    }

    private func finding(_ error: Diagnostic, _ what: String, _ level: Finding.Level) -> Finding {
        Finding(level: level, what: what, detail: "\(error.summary). \(error.detail)", remedy: error.remedy)
    }
}
