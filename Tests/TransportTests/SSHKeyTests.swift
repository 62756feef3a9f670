import Foundation
import SpillwayCore
import SpillwayTransport
import TestSupport
import Testing

@Suite struct SSHKeyTests {
    @Test func `ssh-keygen reads the key and finds the same public half`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for comment in ["", "a", "spillway render run", "ünïcode"] {
            let key = SSHConnector().makeKey(comment: comment)
            let file = folder.appending(path: UUID().uuidString).path
            let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            #expect(FileManager.default.createFile(atPath: file, contents: Data(key.privateKey.utf8), attributes: mode))
            let printed = try run("/usr/bin/ssh-keygen", ["-y", "-P", "", "-f", file])
            #expect(HostKey(line: printed) == key.publicKey)
            let fingerprint = try run("/usr/bin/ssh-keygen", ["-l", "-f", file])
            #expect(fingerprint.contains(key.publicKey.fingerprint))
            if !comment.isEmpty { #expect(fingerprint.contains(comment)) }
        }
    }

    @Test func `two keys differ`() {
        let connector = SSHConnector()
        #expect(connector.makeKey(comment: "").publicKey != connector.makeKey(comment: "").publicKey)
    }
}
