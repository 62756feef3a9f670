import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct SSHConnectTests {
    let connector = SSHConnector(timing: .init(handshake: .milliseconds(400)))

    @Test func `a server that starts late is found`() async throws {
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: [key.publicKey.line], started: false) { server in
            async let session = connector.connect(to: target(server, key), timeout: .seconds(30))
            try await Task.sleep(for: .milliseconds(600))
            try server.start()
            let found = try await session
            #expect(found.hostKey.line == server.hostKeyLine)
            #expect(try await found.run("true", input: nil) { _ in }.succeeded)
            await found.close()
        }
    }

    @Test func `another host key is fatal before authentication, and both fingerprints are shown`() async throws {
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: [key.publicKey.line]) { server in
            let other = connector.makeKey(comment: "other").publicKey
            let failure = try await remoteFailure {
                _ = try await connector.connect(to: target(server, key, hostKey: other), timeout: .seconds(60))
            }
            #expect(failure?.kind == .hostKeyMismatch)
            let shown = try #require(HostKey(line: server.hostKeyLine)).fingerprint
            #expect(failure?.detail.contains(shown) == true)
            #expect(failure?.detail.contains(other.fingerprint) == true)
            #expect(!server.log.contains("publickey"))
        }
    }

    @Test(arguments: ["rsa", "ecdsa"])
    func `a host with another kind of key only is refused, with the reason`(type: String) async throws {
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: [key.publicKey.line], hostKeyType: type) { server in
            let failure = try await remoteFailure {
                _ = try await connector.connect(
                    to: target(server, key, hostKey: key.publicKey), timeout: .seconds(60))
            }
            #expect(failure?.kind == .unsupportedHostKey)
            #expect(failure?.detail.contains("RSA and ECDSA are refused") == true)
            #expect(failure?.detail.contains(type == "rsa" ? "rsa-sha2-512" : "ecdsa-sha2-nistp256") == true)
        }
    }

    @Test func `no host key at all is refused without a connection`() async throws {
        let key = connector.makeKey(comment: "test")
        let nobody = RemoteTarget(address: "127.0.0.1", port: 1, user: "root", hostKeys: [], clientKey: key)
        let failure = try await remoteFailure { _ = try await connector.connect(to: nobody, timeout: .seconds(60)) }
        #expect(failure?.kind == .hostKeyMismatch)
    }

    @Test func `a client key that the host does not know is refused once the grace is over`() async throws {
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: []) { server in
            let failure = try await remoteFailure {
                _ = try await connector.connect(to: target(server, key), timeout: .seconds(60))
            }
            #expect(failure?.kind == .authentication)
            #expect(failure?.detail.contains(key.publicKey.fingerprint) == true)
        }
    }

    @Test func `a client key that is still being written over there is waited for`() async throws {
        let key = connector.makeKey(comment: "test")
        try await withSSHD(authorizedKeys: []) { server in
            async let session = connector.connect(to: target(server, key, grace: .seconds(30)), timeout: .seconds(30))
            while !server.log.contains("Connection closed by authenticating user") {
                try await Task.sleep(for: .milliseconds(20))
            }
            try (key.publicKey.line + "\n").write(
                to: server.folder.appending(path: "authorized_keys"), atomically: true, encoding: .utf8)
            try await session.close()
        }
    }

    @Test func `an RSA client key is refused in so many words`() async throws {
        try await withSSHD(authorizedKeys: []) { server in
            let file = server.folder.appending(path: "rsa").path
            try run("/usr/bin/ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", file])
            let publicKey = try #require(HostKey(line: String(contentsOfFile: file + ".pub", encoding: .utf8)))
            let key = KeyPair(privateKey: try String(contentsOfFile: file, encoding: .utf8), publicKey: publicKey)
            let failure = try await remoteFailure {
                _ = try await connector.connect(to: target(server, key), timeout: .seconds(60))
            }
            #expect(failure?.kind == .authentication)
            #expect(failure?.detail.contains("RSA and ECDSA keys are refused") == true)
        }
    }

    @Test func `a key with a passphrase is refused in so many words`() async throws {
        try await withSSHD(authorizedKeys: []) { server in
            let file = server.folder.appending(path: "locked").path
            try run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", file])
            let publicKey = try #require(HostKey(line: String(contentsOfFile: file + ".pub", encoding: .utf8)))
            let key = KeyPair(privateKey: try String(contentsOfFile: file, encoding: .utf8), publicKey: publicKey)
            let failure = try await remoteFailure {
                _ = try await connector.connect(to: target(server, key), timeout: .seconds(60))
            }
            #expect(failure?.kind == .authentication)
            #expect(failure?.detail.contains("passphrase") == true)
        }
    }

    @Test func `nobody listening is unreachable`() async throws {
        let failure = try await failureOfConnecting(toPort: try LoopbackListener().port)
        #expect(failure?.kind == .unreachable)
        #expect(failure?.detail.contains("Connection refused") == true)
    }

    @Test func `a port that accepts and says nothing is a timeout that says so`() async throws {
        let listener = try LoopbackListener(backlog: 8)
        let failure = try await failureOfConnecting(toPort: listener.port)
        #expect(failure?.kind == .timeout)
        #expect(failure?.detail.contains("accepts connections but says nothing") == true)
    }

    @Test func `something that does not speak SSH is quoted`() async throws {
        let listener = try LoopbackListener(backlog: 8)
        listener.greet(4, with: Array("HTTP/1.1 400 Bad \u{1b}[31mRequest\r\n\r\n".utf8))
        let failure = try await failureOfConnecting(toPort: listener.port)
        #expect(failure?.kind == .timeout)
        #expect(failure?.detail.contains("says \"HTTP/1.1 400 Bad .[31mRequest\"") == true)
    }

    @Test func `garbage without end is a timeout, not a hang`() async throws {
        let listener = try LoopbackListener(backlog: 8)
        listener.greet(4, with: [UInt8](repeating: 0xff, count: 1_000_000))
        #expect(try await failureOfConnecting(toPort: listener.port)?.kind == .timeout)
    }

    @Test func `a forged handshake is survived`() async throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20 {
            let listener = try LoopbackListener(backlog: 8)
            let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
            listener.greet(4, with: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8) + [0, 0, 5, 220, 10, 20] + noise)
            let failure = try await failureOfConnecting(toPort: listener.port, timeout: .milliseconds(100))
            #expect(failure != nil)
        }
    }

    @Test func `cancelling ends the wait for a host that never comes`() async throws {
        let key = connector.makeKey(comment: "test")
        let port = try LoopbackListener().port
        let nobody = RemoteTarget(
            address: "127.0.0.1", port: port, user: "root", hostKeys: [key.publicKey], clientKey: key)
        let task = Task { () async throws in _ = try await connector.connect(to: nobody, timeout: .seconds(3600)) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        let failure = try await remoteFailure { try await task.value }
        #expect(failure?.kind == .cancelled)
    }

    private func failureOfConnecting(
        toPort port: Int, timeout: Duration = .milliseconds(900)
    ) async throws -> RemoteFailure? {
        let key = connector.makeKey(comment: "test")
        let nobody = RemoteTarget(
            address: "127.0.0.1", port: port, user: "root", hostKeys: [key.publicKey], clientKey: key)
        return try await remoteFailure { _ = try await connector.connect(to: nobody, timeout: timeout) }
    }
}
