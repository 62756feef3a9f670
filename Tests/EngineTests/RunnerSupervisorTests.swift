import Foundation
import SpillwayCore
import SpillwayEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct RunnerSupervisorTests {
    @Test func `a job's streams, status and folder come back`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("pwd; echo to-stderr >&2; exit 7"))
            #expect(ran.status.phase == .finished)
            #expect(ran.status.ending == .exited)
            #expect(ran.status.exit == RemoteExit(status: 7))
            #expect(ran.text == "\(box.home)/work\n")
            #expect(ran.errorText == "to-stderr\n")
            #expect(ran.status.startedAt != nil && ran.status.finishedAt != nil)
        }
    }

    @Test func `a second start joins the job and never begins another`() async throws {
        try await withRunnerSandbox { box in
            let spec = box.spec("echo once; sleep 0.3")
            _ = try await box.job.prepare(spec)
            async let first = box.job.start(spec)
            async let second = box.job.start(spec)
            async let third = box.job.start(spec)
            _ = try await (first, second, third)
            let ran = try await box.follow()
            #expect(ran.text == "once\n")
            #expect(try await box.job.start(spec).phase == .finished)
            #expect(try await box.follow().text == "once\n")
        }
    }

    @Test func `death by a signal is told from an exit with the same number`() async throws {
        try await withRunnerSandbox { box in
            let killed = try await box.run(box.spec("kill -KILL $$"))
            #expect(killed.status.exit == RemoteExit(status: 137, signal: "KILL"))
        }
        try await withRunnerSandbox { box in
            let exited = try await box.run(box.spec("exit 137"))
            #expect(exited.status.exit == RemoteExit(status: 137))
        }
    }

    @Test func `setup runs first and its failure keeps the command from running`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("cat made", setup: "echo from-setup >made"))
            #expect(ran.text == "from-setup\n")
            #expect(ran.errorText == "spillway: setup\nspillway: run\n")
        }
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("echo never", setup: "echo why >&2; exit 3"))
            #expect(ran.status.ending == .setupFailed)
            #expect(ran.status.exit == RemoteExit(status: 3))
            #expect(ran.text.isEmpty)
            #expect(ran.errorText == "spillway: setup\nwhy\n")
        }
    }

    @Test func `a failing line ends a script, and a shebang chooses its interpreter`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("echo one\nfalse\necho two"))
            #expect(ran.text == "one\n")
            #expect(ran.status.exit == RemoteExit(status: 1))
        }
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("#!/usr/bin/env -S awk -f\nBEGIN { print 6 * 7 }"))
            #expect(ran.text == "42\n")
        }
    }

    @Test func `the timeout asks first and then kills a job that ignores it`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("trap 'echo bye; exit 9' TERM; sleep 60 & wait", timeout: 1))
            #expect(ran.status.ending == .timedOut)
            #expect(ran.status.exit == RemoteExit(status: 9))
            #expect(ran.text == "bye\n")
        }
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("trap '' TERM; while :; do sleep 0.1; done", timeout: 1))
            #expect(ran.status.ending == .timedOut)
            #expect(ran.status.exit?.signal == "KILL")
        }
    }

    @Test func `the deadline ends a job even in its setup`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("echo never", setup: "sleep 60", remaining: 1))
            #expect(ran.status.ending == .deadline)
            #expect(ran.text.isEmpty)
        }
    }

    @Test func `a machine that is about to be taken back ends its job, and what the job wrote is there`() async throws {
        try await withRunnerSandbox { box in
            let notice = "\(box.home)/notice"
            let ran = try await box.run(
                box.spec("echo half >part; touch '\(notice)'; sleep 60", notice: "test -e '\(notice)'"))
            #expect(ran.status.ending == .preempted)
            #expect(ran.status.exit?.signal == "TERM")
            #expect(try String(contentsOfFile: "\(box.home)/work/part", encoding: .utf8) == "half\n")
        }
        try await withRunnerSandbox { box in
            let ran = try await box.run(box.spec("echo done", notice: "false"))
            #expect(ran.status.ending == .exited)
        }
    }

    @Test func `cancel ends a running job and forestalls one that has not begun`() async throws {
        try await withRunnerSandbox { box in
            let spec = box.spec("echo up; sleep 60")
            _ = try await box.job.prepare(spec)
            _ = try await box.job.start(spec)
            try await untilTrue { try await box.job.status().sizes.out == 3 }
            _ = try await box.job.cancel()
            let ran = try await box.follow()
            #expect(ran.status.ending == .cancelled)
            #expect(ran.status.exit?.signal == "TERM")
        }
        try await withRunnerSandbox { box in
            let spec = box.spec("echo never")
            _ = try await box.job.prepare(spec)
            #expect(try await box.job.cancel().phase == .absent)
            let ran = try await box.run(spec)
            #expect(ran.status.ending == .cancelled)
            #expect(ran.text.isEmpty)
        }
    }

    @Test func `what a job leaves running is ended with it`() async throws {
        try await withRunnerSandbox { box in
            let ran = try await box.run(
                box.spec("setsid sh -c 'trap \"\" TERM; echo $$ >pid; while :; do sleep 0.1; done' & sleep 0.3"))
            #expect(ran.status.exit == RemoteExit(status: 0))
            #expect(ran.status.notes.contains { $0.hasPrefix("ended ") })
            let pid = try String(contentsOfFile: "\(box.home)/work/pid", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(!pid.isEmpty)
            try await untilTrue { !FileManager.default.fileExists(atPath: "/proc/\(pid)/cwd/.") }
        }
    }

    @Test func `a supervisor that died leaves a job that is lost, not running and not restarted`() async throws {
        try await withRunnerSandbox { box in
            let spec = box.spec("echo up; sleep 60")
            _ = try await box.job.prepare(spec)
            _ = try await box.job.start(spec)
            try await untilTrue { try await box.job.status().sizes.out == 3 }
            let begun = try String(contentsOfFile: "\(box.folder)/begun", encoding: .utf8)
            let line = try #require(begun.split(separator: "\n").first { $0.hasPrefix("pid=") })
            let pid = try #require(Int32(line.dropFirst(4)))
            kill(pid, SIGKILL)
            try await untilTrue { try await box.job.status().phase == .lost }
            #expect(try await box.job.start(spec).phase == .lost)
            let ran = try await box.follow()
            #expect(ran.status.ending == .lost)
            #expect(ran.text == "up\n")
            #expect(try await box.job.cancel().phase == .lost)
            try await untilTrue {
                try await box.host.text("grep -lszxF SPILLWAY_RUN=\(box.runID) /proc/*/environ") == ""
            }
        }
    }

    @Test func `environment and secrets arrive byte for byte and the secrets leave no file`() async throws {
        let values = [
            "", " ", "it's", "\"q\" $HOME `id` \\ *", "two\nlines\n", "tab\tend", "ünï → 🚀", "-n", "~", "a=b", "!!",
            "\u{1b}[0m",
        ]
        try await withRunnerSandbox { box in
            let env = values.enumerated().map { JobSpec.Variable("E\($0.offset)", $0.element) }
            let secrets = values.enumerated().map { JobSpec.Variable("S\($0.offset)", "secret" + $0.element) }
            let names = (env + secrets).map(\.name).map { "\"$\($0)\"" }.joined(separator: " ")
            let ran = try await box.run(box.spec("printf '%s\\0' \(names)", env: env, secrets: secrets))
            let expected: [UInt8] = (env + secrets).flatMap { Array($0.value.utf8) + [UInt8(0)] }
            #expect(ran.out == expected)
            let find = try await box.host.text(
                "grep -rl secret .spillway /dev/shm/spillway-* /run/spillway-* 2>/dev/null")
            let ours = find.split(separator: "\n").filter { $0.contains(box.runID) }
            #expect(Set(ours) == [".spillway/\(box.runID)/supervisor", ".spillway/\(box.runID)/out"])
        }
    }

    @Test func `a variable of any name cannot lead the supervisor astray`() async throws {
        try await withRunnerSandbox { box in
            let names = [
                "dir", "run", "home", "workdir", "script", "LC_ALL", "secrets", "code", "PS4", "ENV", "timeout",
            ]
            let env = names.map { JobSpec.Variable($0, "/nonsense") }
            let ran = try await box.run(box.spec("echo \"$dir $workdir $LC_ALL\"", env: env))
            #expect(ran.text == "/nonsense /nonsense /nonsense\n")
            #expect(ran.status.ending == .exited)
        }
    }

    @Test(arguments: [Supervisor.script, "#!/bin/sh\n" + HostKeyScript.text])
    func `the scripts pass shellcheck`(script: String) async throws {
        try await withRunnerSandbox { box in
            guard try await box.host.text("command -v shellcheck || true") != "" else {
                print("skipped: shellcheck is not installed")
                return
            }
            try script.write(toFile: "\(box.home)/script", atomically: true, encoding: .utf8)
            let complaints = try await box.host.text("shellcheck -s sh -S style script")
            #expect(complaints == "")
        }
    }

    @Test(arguments: ["/bin/dash", "/bin/bash", "/usr/bin/busybox"])
    func `each shell that may be sh reads the scripts`(shell: String) async throws {
        try await withRunnerSandbox { box in
            guard FileManager.default.isExecutableFile(atPath: shell) else {
                print("skipped: \(shell) is not installed")
                return
            }
            let call = shell.hasSuffix("busybox") ? "\(shell) sh" : shell
            for script in [Supervisor.script, HostKeyScript.text] {
                try script.write(toFile: "\(box.home)/script", atomically: true, encoding: .utf8)
                let complaints = try await box.host.text("\(call) -n script")
                #expect(complaints == "")
            }
        }
    }
}

extension RemoteHost {
    /// Both streams of a command as text.
    func text(_ command: String) async throws -> String {
        let log = CapturedLog()
        _ = try await run(command + " 2>&1", input: nil) { log.take(.output($0)) }
        return String(decoding: log.out, as: UTF8.self)
    }
}
