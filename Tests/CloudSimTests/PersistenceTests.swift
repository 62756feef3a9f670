import Foundation
import Glibc
import TestSupport
import Testing

@testable import CloudSim

@Suite(.timeLimit(.minutes(3)))
struct PersistenceTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "world-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `the world, its ports and its credentials survive the end of the cloud`(_ signal: Int32) async throws {
        try await withFolder { folder in
            let first = try await CloudSimProcess.start(["--data", folder, "--without-guests"])
            var api = SimulatedAPI(cloud: first)
            let ip = try await api.createAddress()
            let server = try await api.createServer(["public_ips": [.string(ip.id)], "tags": ["a=b"]])
            let id = try #require(server["id"]?.string)
            await first.terminate(signal: signal)
            try await withCloudSim(["--data", folder, "--without-guests"]) { second in
                api = SimulatedAPI(cloud: second)
                #expect(second.secretKey == first.secretKey)
                #expect(second.projectID == first.projectID)
                #expect(second.apiURL == first.apiURL)
                #expect(second.sshPort == first.sshPort)
                let found = try await api.server(id)
                #expect(found["tags"] == ["a=b"])
                #expect(found["public_ip"]?["address"]?.string == ip.address)
            }
        }
    }

    @Test(.enabled(if: Guests.arePossible))
    func `after SIGKILL no process of a machine is left, and it boots again from its disk`() async throws {
        try await withFolder { folder in
            let first = try await CloudSimProcess.start(["--data", folder])
            let worker = try await Worker.start(SimulatedAPI(cloud: first)).ready()
            defer { worker.remove() }
            _ = try await worker.ssh("echo kept > /root/file; setsid sleep 3600 >/dev/null 2>&1 </dev/null &")
            #expect(try mentions(of: folder) > 0)
            await first.terminate(signal: SIGKILL)
            // The kernel ends them on its own; nobody is left to wait for.
            while try mentions(of: folder) > 0 { try await Task.sleep(for: .milliseconds(10)) }

            try await withCloudSim(["--data", folder]) { second in
                let again = Worker(
                    api: SimulatedAPI(cloud: second), id: worker.id, address: worker.address, folder: worker.folder)
                let text = try await again.ready().ssh("cat /root/file; ps ax -o args | grep -c '^sleep'").text
                #expect(text.split(separator: "\n") == ["kept", "0"])
            }
            #expect(try mentions(of: folder) == 0)
        }
    }

    @Test func `a second cloud on the same folder is refused`() async throws {
        try await withFolder { folder in
            let first = try await CloudSimProcess.start(["--data", folder, "--without-guests"])
            await #expect(throws: CloudSimProcess.Failure.self) {
                _ = try await CloudSimProcess.start(["--data", folder, "--without-guests"])
            }
            await first.terminate()
        }
    }

    @Test func `an address beyond loopback is refused`() async throws {
        let error = await #expect(throws: CloudSimProcess.Failure.self) {
            _ = try await CloudSimProcess.start(["--listen", "0.0.0.0:0"])
        }
        #expect(try #require(error).description.contains("listens on loopback only"))
    }

    @Test func `an idle and empty cloud ends by itself`() async throws {
        let cloud = try await CloudSimProcess.start(["--exit-when-idle", "0.05"])
        #expect(await cloud.exitCode() == 0)
    }

    /// Processes whose command line names the folder: the sandboxes' monitors and first processes.
    private func mentions(of folder: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
            .count { pid in
                guard let data = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")) else {
                    return false
                }
                return data.range(of: Data("\(folder)/machines".utf8)) != nil
            }
    }
}
