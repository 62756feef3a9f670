import Foundation
import Glibc
import TestSupport
import Testing

extension Acceptance {
    /// State that cannot be used: said before anything is made, or with what exists by then.
    @Suite struct State {
        private static let canMount: Bool = geteuid() == 0 && shell("unshare", "-m", "true")
        private static let isRoot = geteuid() == 0

        @Test func `state of a newer version is refused, and nothing is changed`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                #expect(try await place.run("apply", "-y").status == 0)
                let state = place.text("state/small.json")
                #expect(state.contains("\"version\" : 1"))
                try place.write(state.replacing("\"version\" : 1", with: "\"version\" : 99"), to: "state/small.json")
                let before = try await cloud.requests().mutating
                for arguments in [["plan"], ["apply", "-y"], ["destroy", "-y"]] {
                    let result = try await place.run(command: ["spillway"] + arguments)
                    #expect(
                        result.status == 1 && result.stderr.contains("[state.newer-version]"), "\(arguments): \(result)"
                    )
                    #expect(result.stderr.contains("version 99") && result.stderr.contains("Nothing was changed."))
                }
                #expect(try await cloud.requests().mutating == before)
                try place.write(state, to: "state/small.json")
                #expect(try await place.run("destroy", "-y").status == 0)
            }
        }

        @Test func `a state folder that others may write to is refused`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try place.write("", to: "state/x")
                #expect(chmod(place.folder.appending(path: "state").path, 0o777) == 0)
                let result = try await place.run("apply", "-y")
                #expect(result.status == 1 && result.stderr.contains("[state.writable-by-others]"), "\(result)")
                #expect(result.stderr.contains("chmod 700") && result.stderr.contains("Nothing was changed."))
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test(.enabled(if: isRoot, "only root can give a folder away"))
        func `a state folder of another user is refused`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                try place.write("", to: "state/x")
                let path = place.folder.appending(path: "state").path
                #expect(chmod(path, 0o700) == 0 && chown(path, 12345, 12345) == 0)
                let result = try await place.run("apply", "-y")
                #expect(result.status == 1 && result.stderr.contains("[state.other-owner]"), "\(result)")
                #expect(result.stderr.contains("12345") && result.stderr.contains("Nothing was changed."))
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test(.enabled(if: !isRoot, "root may write anywhere"))
        func `a state folder without permission is refused`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                #expect(chmod(place.folder.path, 0o500) == 0)
                defer { chmod(place.folder.path, 0o700) }
                let result = try await place.run("apply", "-y")
                #expect(result.status == 1 && result.stderr.contains("[state.permission]"), "\(result)")
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test(.enabled(if: canMount, "mounting is not allowed here"))
        func `a read-only state folder is refused before anything is made`() async throws {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                let script = "mkdir -p state && mount -t tmpfs -o ro,mode=700 none state && exec \"$0\" apply -y"
                let result = try await place.run(command: ["unshare", "-m", "sh", "-c", script, "spillway"])
                #expect(result.status == 1 && result.stderr.contains("[state.read-only]"), "\(result)")
                #expect(try await cloud.requests().mutating == 0)
            }
        }

        @Test(.enabled(if: canMount, "mounting is not allowed here"), arguments: [16, 24, 32, 48, 64])
        func `a full disk stops what is not begun, and what exists is said and removed later`(kilobytes: Int)
            async throws
        {
            try await withWorkplace(["--without-guests"]) { place, cloud in
                try place.writeSpec()
                // The state is copied out, as a disk that was full once keeps what it has.
                let script = """
                    mkdir -p state kept && mount -t tmpfs -o size=\(kilobytes)k,mode=700 none state || exit 99
                    "$0" apply -y; code=$?; cp -a state/. kept; exit $code
                    """
                let result = try await place.run(command: ["unshare", "-m", "sh", "-c", script, "spillway"])
                #expect([0, 1, 3].contains(result.status), "\(result)")
                let world = try await cloud.world()
                if result.status == 0 {
                    #expect(world.servers_powered == 1)
                } else {
                    #expect(result.stderr.contains("[state.disk-full]"), "\(result)")
                    #expect(result.stderr.contains("Free some space"))
                    if world.is_empty {
                        #expect(result.stderr.contains("Nothing"), "\(result)")
                    } else {
                        #expect(result.stderr.contains("exist") || result.stderr.contains("known outcome"), "\(result)")
                    }
                }
                try FileManager.default.removeItem(at: place.folder.appending(path: "state"))
                try FileManager.default.moveItem(
                    at: place.folder.appending(path: "kept"), to: place.folder.appending(path: "state"))
                #expect(chmod(place.folder.appending(path: "state").path, 0o700) == 0)
                let again = try await place.run("apply", "-y")
                #expect(again.status == 0, "\(again)")
                let after = try await cloud.world()
                #expect(after.servers_powered == 1 && after.servers_powered_most == 1 && after.ips == 1, "\(after)")
                let destroy = try await place.run("destroy", "-y")
                #expect(destroy.status == 0, "\(destroy)")
                #expect(try await cloud.world().is_empty)
            }
        }

        private static func shell(_ arguments: String...) -> Bool {
            let probe = Process()
            probe.executableURL = URL(filePath: "/usr/bin/env")
            probe.arguments = arguments
            probe.standardError = FileHandle.nullDevice
            guard (try? probe.run()) != nil else { return false }
            probe.waitUntilExit()
            return probe.terminationStatus == 0
        }
    }
}
