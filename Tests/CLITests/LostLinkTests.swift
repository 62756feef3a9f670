import Foundation
import Glibc
import TestSupport
import Testing

/// A connection that is lost where nothing has been started yet.
@Suite struct LostLinkTests {
    /// The sessions that the machines of `cloud` have with us: sshd's processes of one connection each.
    private func sessions(of cloud: CloudSimProcess) -> [Int32] {
        ProcessTree.descendants(of: cloud.pid).filter { pid in
            let line = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
            return line.hasPrefix("sshd: root") || line.hasPrefix("sshd-session: root")
        }
    }

    @Test func `a connection lost while files are shipped is made anew, and the job runs once`() async throws {
        try await withWorkplace { place, cloud in
            try place.write(String(repeating: "some,thing\n", count: 8_000_000), to: "input.csv")
            try place.writeSpec(
                run: "sh -c 'mkdir -p out; echo ran >>out/runs; wc -c <input.csv >out/size'",
                """
                files: [{from: input.csv, to: work}]
                outputs: [{from: work/out/, to: out/}]
                """)
            let process = try place.start("run", "-y")
            try await eventually("it ships") {
                place.text("state/small.journal.jsonl").contains("\"shipping\"") || !process.isRunning
            }
            let cut = sessions(of: cloud)
            #expect(!cut.isEmpty)
            for session in cut { kill(session, SIGKILL) }
            let result = try await process.result()
            #expect(result.status == 0, "\(result)")
            #expect(result.stderr.contains("Trying again."), "it was cut while it shipped: \(result)")
            #expect(place.text("out/runs") == "ran\n" && place.text("out/size").contains("88000000"))
            #expect(try await cloud.world().is_empty)
        }
    }
}
