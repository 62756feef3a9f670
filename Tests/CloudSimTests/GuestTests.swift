import Foundation
import TestSupport
import Testing

@testable import CloudSim

@Suite(.timeLimit(.minutes(3)), .enabled(if: Guests.arePossible))
struct GuestTests {
    private func withWorker(
        _ arguments: [String] = [], userData: String = "", server: JSON = [:],
        _ body: (Worker) async throws -> Void
    ) async throws {
        try await withCloudSim(arguments) { cloud in
            let worker = try await Worker.start(SimulatedAPI(cloud: cloud), userData: userData, server: server)
            defer { worker.remove() }
            try await body(worker.ready())
        }
    }

    @Test func `root logs in, and user data has been applied`() async throws {
        let more = """
            users: [default, {name: helper}]
            write_files:
              - {path: /etc/greeting, content: "hello\\n", permissions: '0640'}
              - {path: /opt/data.bin, encoding: b64, content: AAECAw==}
              - {path: /var/log/early, content: "early\\n"}
            runcmd:
              - [sh, -c, 'echo "it''s $0" > /root/ran', fine]
            """
        try await withWorker(userData: more) { worker in
            _ = try await worker.ssh("cloud-init status --wait")
            let script = """
                id -un; hostname; cat /etc/greeting; stat -c %a /etc/greeting; od -An -tx1 /opt/data.bin
                cat /var/log/early /root/ran; echo $HOME; echo ~helper; tty
                """
            let output = try await worker.ssh(script)
            let wanted = [
                "root", "worker", "hello", "640", "00 01 02 03", "early", "it's fine", "/root", "/home/helper",
                "not a tty",
            ]
            #expect(output.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == wanted)
            #expect(try await worker.ssh("tty", options: ["-tt"]).text.hasPrefix("/dev/pts/"))
            let server = try await worker.api.server(worker.id)
            #expect(server["state_detail"] == "booted")
        }
    }

    @Test func `a background job survives the disconnect and dies with the machine`() async throws {
        try await withWorker { worker in
            let mark = "31\(UInt32.random(in: 100_000...999_999))"
            _ = try await worker.ssh(
                "setsid sleep \(mark) >/dev/null 2>&1 </dev/null & nohup sleep \(mark) >/dev/null 2>&1 </dev/null &")
            let seen = try await worker.ssh("ps ax -o args | grep -c '^sleep \(mark)'")
            #expect(seen.text.trimmed == "2")
            #expect(try processes(with: ["sleep", mark]) == 2)
            _ = try await worker.api.act("terminate", on: worker.id)
            _ = try await worker.api.wait(worker.api.instance + "/servers/\(worker.id)") { $0.status == 404 }
            #expect(try processes(with: ["sleep", mark]) == 0)
            #expect(try await worker.api.get("/_sim/world").json["sandboxes"] == 0)
        }
    }

    @Test func `nothing of the host is in sight but its programs`() async throws {
        let home = try #require(ProcessInfo.processInfo.environment["HOME"])
        let secret = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)")
        try Data("secret".utf8).write(to: secret)
        defer { try? FileManager.default.removeItem(at: secret) }
        try await withWorker { worker in
            let script = """
                ls -A /tmp /var/tmp /opt /srv /mnt; ls -A /root; test -e \(home)/.ssh/id_ed25519 && echo key
                test -e \(secret.path) && echo leak; test -d \(FileManager.default.currentDirectoryPath) && echo sources
                touch /usr/bin/mine 2>/dev/null && echo writable; ps ax -o pid= | wc -l; cat /etc/shadow 2>/dev/null
                """
            let text = try await worker.ssh(script).text
            for word in ["leak", "sources", "writable", "key", "secret"] { #expect(!text.contains("\(word)\n")) }
            let count = text.split(separator: "\n").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }.last
            #expect(try #require(count) < 20)
        }
    }

    @Test(arguments: [
        "poweroff", "/sbin/poweroff", "systemctl poweroff", "/usr/sbin/shutdown -h now",
        "/sbin/shutdown --poweroff now",
        "halt", "init 0",
    ])
    func `power commands in the guest put the machine on standby and leave the host alone`(_ command: String)
        async throws
    {
        try await withWorker { worker in
            _ = try await worker.ssh(command)
            try await worker.api.wait(server: worker.id, state: "stopped in place")
            let world = try await worker.api.wait("/_sim/world") { $0.json["sandboxes"] == 0 }
            #expect(world.json["servers_powered"] == 1)
            _ = try await worker.api.act("poweron", on: worker.id)
            #expect(try await worker.ready().ssh("id -un").text.trimmed == "root")
        }
    }

    @Test func `a reboot in the guest keeps the disk and the state`() async throws {
        try await withWorker { worker in
            let before = try await worker.ssh(
                "echo kept > /root/file; cat /proc/sys/kernel/random/boot_id; stat -c %z /proc/1"
            ).text
            _ = try await worker.ssh("reboot")
            var after = before
            while after == before || after.isEmpty {
                after = try await worker.ssh("cat /proc/sys/kernel/random/boot_id; stat -c %z /proc/1").text
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await worker.ssh("cat /root/file").text.trimmed == "kept")
            #expect(try await worker.api.server(worker.id)["state"] == "running")
        }
    }

    @Test func `an unknown cloud-config key fails the boot loudly`() async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "requests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        try await withCloudSim(["--request-log", log.path]) { cloud in
            let api = SimulatedAPI(cloud: cloud)
            let worker = try await Worker.start(api, userData: "swap: {filename: /swap}")
            defer { worker.remove() }
            let path = api.instance + "/servers/\(worker.id)"
            let server = try await api.wait(path) { $0.json["server"]?["state"] == "running" }.json["server"]
            let wanted = "cloudsim does not support the cloud-config key 'swap'"
            #expect(server?["state_detail"]?.string == "boot failed: \(wanted)")
            #expect(try await api.get("/_sim/servers/\(worker.id)/console").text.contains(wanted))
            #expect(try String(contentsOf: log, encoding: .utf8).contains("\"boot_failed\":\"\(wanted)\""))
            #expect(try String(contentsOf: cloud.standardErrorFile, encoding: .utf8).contains(wanted))
            #expect(try await worker.ssh("true").status == 255)
        }
    }

    @Test func `a closed group lets nobody in, and a rule opens it while the machine runs`() async throws {
        try await withCloudSim { cloud in
            let api = SimulatedAPI(cloud: cloud)
            let group = try await api.send(
                "POST", api.instance + "/security_groups",
                ["name": "closed", "project": .string(cloud.projectID), "inbound_default_policy": "drop"])
            let groupID = try #require(group.json["security_group"]?["id"]?.string)
            let worker = try await Worker.start(api, server: ["security_group": .string(groupID)])
            defer { worker.remove() }
            let path = api.instance + "/servers/\(worker.id)"
            _ = try await api.wait(path) { $0.json["server"]?["state_detail"] == "booted" }
            #expect(try await worker.ssh("true").errors.contains("Connection refused"))

            func set(_ rules: JSON) async throws {
                _ = try await api.send("PUT", api.instance + "/security_groups/\(groupID)/rules", ["rules": rules])
            }
            func rule(_ range: String) -> JSON {
                [
                    "action": "accept", "protocol": "TCP", "direction": "inbound", "ip_range": .string(range),
                    "dest_port_from": 22,
                ]
            }
            try await set([rule("203.0.113.7/32")])
            #expect(try await worker.ssh("true").status == 255)
            try await set([rule("203.0.113.7/32"), rule("127.0.0.1/32")])
            #expect(try await worker.ready().ssh("hostname").text.trimmed == "worker")
            try await set([])
            var isOpen = true
            while isOpen { isOpen = try await worker.ssh("true").status == 0 }
            #expect(try await worker.ssh("true").errors.contains("Connection refused"))
        }
    }

    @Test func `keys of the project and of tags let in, and the guest publishes its fingerprint`() async throws {
        try await withCloudSim { cloud in
            let api = SimulatedAPI(cloud: cloud)
            let worker = try await Worker.start(api).ready()
            defer { worker.remove() }
            let fingerprint = try await api.get(api.instance + "/servers/\(worker.id)/user_data/ssh-host-fingerprints")
            let shown = try await run(
                "/usr/bin/ssh-keygen", ["-l", "-f", worker.folder.appending(path: "host.pub").path])
            let digest = try #require(shown.text.split(separator: " ").dropFirst().first)
            #expect(fingerprint.text.trimmed == "256 \(digest) root@worker (ED25519)")

            let key = try String(contentsOf: worker.folder.appending(path: "client.pub"), encoding: .utf8).trimmed
            let answer = try await api.send(
                "POST", "/iam/v1alpha1/ssh-keys",
                ["name": "mine", "public_key": .string(key), "project_id": .string(cloud.projectID)])
            #expect(answer.status == 200)
            let tag = "AUTHORIZED_KEY=" + key.replacing(" ", with: "_").replacing("_test", with: "_tagged")
            _ = try await api.send("PATCH", api.instance + "/servers/\(worker.id)", ["tags": [.string(tag)]])
            _ = try await api.act("reboot", on: worker.id)
            var keys = ""
            while keys.split(separator: "\n").count != 3 {
                keys = try await worker.ssh("cat /root/.ssh/authorized_keys").text
            }
            #expect(keys.contains(" tagged"))
        }
    }

    /// How many processes of this host have exactly these arguments.
    private func processes(with arguments: [String]) throws -> Int {
        let wanted = Data((arguments.joined(separator: "\0") + "\0").utf8)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
            .count { (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\($0)/cmdline"))) == wanted }
    }
}
