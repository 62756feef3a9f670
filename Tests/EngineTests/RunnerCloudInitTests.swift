import Foundation
import SpillwayCore
import SpillwayEngine
import Testing

@Suite struct RunnerCloudInitTests {
    private static let data = CloudInit(
        hostname: "render-0",
        hostKey: KeyPair(
            privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nbase64\n-----END OPENSSH PRIVATE KEY-----\n",
            publicKey: HostKey(algorithm: "ssh-ed25519", base64: "AAAAhost")),
        clientKey: HostKey(algorithm: "ssh-ed25519", base64: "AAAAclient"), deadline: Timestamp(seconds: 1_800_000_000),
        longest: .hours(3)
    ).userData

    private func object() throws -> [String: Any] {
        let (head, body) = (Self.data.prefix(14), Self.data.dropFirst(14))
        #expect(head == "#cloud-config\n")
        return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }

    @Test func `the first contact and nothing else is let in`() throws {
        let config = try object()
        #expect(config["ssh_authorized_keys"] as? [String] == ["ssh-ed25519 AAAAclient"])
        #expect(config["ssh_pwauth"] as? Bool == false)
        #expect(config["ssh_deletekeys"] as? Bool == true)
        let keys = try #require(config["ssh_keys"] as? [String: String])
        #expect(keys["ed25519_public"] == "ssh-ed25519 AAAAhost")
        #expect(keys["ed25519_private"]?.contains("\nbase64\n") == true)
        let files = try #require(config["write_files"] as? [[String: String]])
        #expect(files.contains { $0["path"] == "/root/.ssh/instance_keys" && $0["permissions"] == "0600" })
    }

    private struct KeyMaker: RemoteConnector {
        func connect(to target: RemoteTarget, timeout: Duration) async throws(RemoteFailure) -> any RemoteHost {
            throw RemoteFailure(.unreachable, "nobody is there")
        }

        func makeKey(comment: String) -> KeyPair {
            KeyPair(privateKey: comment, publicKey: HostKey(algorithm: "ssh-ed25519", base64: "AAAA"))
        }
    }

    @Test func `where going off ends no bill a guest stays up for a while after the deadline`() throws {
        let scratch = try ScratchFolder()
        let contact = FirstContact(keys: KeyStore(try scratch.open()), connector: KeyMaker())
        let run = Sample.run("run-1", phase: .up)
        let most = run.source.spec.budget.maxDuration.value.count
        for (grace, end) in [(Seconds(0), run.expires.seconds), (.hours(1), run.expires.seconds + 3600)] {
            let data = try contact.userData(for: run, grace: grace)(0)
            #expect(data.contains("\(end) - $(date"))
            #expect(data.contains("-lt \(most + grace.count) ]"), "\(data)")
        }
    }

    /// What the boot command would have done, seen through stand-ins for the commands it calls.
    private func armed(now: Int, systemd: Bool) async throws -> String {
        let boot = try #require((try object()["bootcmd"] as? [[String]])?.first)
        let stands = """
            date() { echo \(now); }
            systemd-run() { \(systemd ? "echo systemd-run \"$@\"" : "return 1"); }
            shutdown() { echo shutdown "$@"; }

            """
        let log = CapturedLog()
        let host = LocalHost(home: "/tmp", shell: "/bin/bash")
        _ = try await host.run(stands + (try #require(boot.last)), input: nil) { log.take(.output($0)) }
        return String(decoding: log.out + log.err, as: UTF8.self)
    }

    @Test func `the deadline is armed by what is left of it, within bounds that a wrong clock cannot widen`()
        async throws
    {
        let half = try await armed(now: 1_800_000_000 - 5400, systemd: true)
        #expect(half.contains("--no-block"))
        #expect(half.contains("--on-active=5400 systemctl poweroff"))
        #expect(try await armed(now: 0, systemd: true).contains("--on-active=10800 "))
        #expect(try await armed(now: 1_900_000_000, systemd: true).contains("--on-active=60 "))
        #expect(try await armed(now: 1_800_000_000 - 5400, systemd: false) == "shutdown -P +91\n")
    }

    @Test func `cloud-init's own schema accepts it`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "user-data-\(UUID().uuidString)").path
        try Self.data.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let host = LocalHost(home: "/tmp")
        guard try await host.text("command -v cloud-init || true") != "" else {
            print("skipped: cloud-init is not installed")
            return
        }
        let said = try await host.text("cloud-init schema -c \(path) && echo ACCEPTED")
        #expect(said.contains("ACCEPTED"), "\(said)")
    }
}
