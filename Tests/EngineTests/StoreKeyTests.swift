import Foundation
import SpillwayCore
import Testing

@testable import SpillwayEngine

@Suite struct StoreKeyTests {
    let scratch: ScratchFolder
    let folder: StateFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = try scratch.open()
    }

    static func pair(_ name: String) -> KeyPair {
        KeyPair(
            privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\n\(name)\n-----END OPENSSH PRIVATE KEY-----\n",
            publicKey: HostKey(algorithm: "ssh-ed25519", base64: "AAAA\(name)"))
    }

    @Test func `keys are kept apart by run and role, privately, and go with the run`() throws {
        let keys = KeyStore(folder)
        try keys.save(Self.pair("c1"), .client, run: "01abc")
        try keys.save(Self.pair("h1"), .host, run: "01abc")
        try keys.save(Self.pair("c2"), .client, run: "02abc")
        #expect(try keys.load(.client, run: "01abc") == Self.pair("c1"))
        #expect(try keys.load(.host, run: "01abc") == Self.pair("h1"))
        #expect(try keys.load(.host, run: "02abc") == nil)
        #expect(try scratch.names("state/keys/01abc") == ["client", "client.pub", "host", "host.pub"])
        for name in try scratch.names("state/keys/01abc") {
            #expect(try scratch.mode("state/keys/01abc/\(name)") == 0o600)
        }
        #expect(try scratch.mode("state/keys/01abc") == 0o700)
        #expect(try scratch.text("state/keys/01abc/client.pub") == "ssh-ed25519 AAAAc1\n")
        #expect(keys.path(.client, run: "01abc") == "\(scratch.state)/keys/01abc/client")
        try keys.remove(run: "01abc")
        try keys.remove(run: "01abc")
        #expect(try keys.runs() == ["02abc"])
        #expect(try keys.load(.client, run: "01abc") == nil)
    }

    @Test(arguments: ["", "..", "../x", "a/b", ".x", "a b"])
    func `a name that is no run's name never becomes a path`(run: String) throws {
        #expect(#expect(throws: Diagnostic.self) { try KeyStore(folder).remove(run: run) }?.code == "state.bad-name")
        #expect(
            #expect(throws: Diagnostic.self) { try ReceiptStore(folder).save(run: run, json: [], text: "") }?.code
                == "state.bad-name")
        #expect(
            #expect(throws: Diagnostic.self) { try LogFile(folder, burst: "render", run: run, .out) }?.code
                == "state.bad-name")
    }

    @Test func `a receipt is kept in both forms and listed by run, oldest first`() throws {
        let receipts = ReceiptStore(folder)
        try receipts.save(run: "02b", json: Array("{}\n".utf8), text: "second\n")
        try receipts.save(run: "01a", json: Array("{\"a\":1}\n".utf8), text: "first\n")
        #expect(try receipts.runs() == ["01a", "02b"])
        #expect(try receipts.text(run: "01a") == "first\n")
        #expect(try receipts.json(run: "01a") == Array("{\"a\":1}\n".utf8))
        #expect(try receipts.json(run: "03c") == nil)
        #expect(try scratch.names("state/receipts") == ["01a.json", "01a.txt", "02b.json", "02b.txt"])
        #expect(try scratch.mode("state/receipts/01a.json") == 0o600)
    }

    @Test func `a log goes on where it was left`() throws {
        let first = try LogFile(folder, burst: "render", run: "01a", .out)
        try first.append(Array("one\n".utf8))
        #expect(first.size == 4)
        first.close()
        first.close()
        let second = try LogFile(folder, burst: "render", run: "01a", .out)
        #expect(second.size == 4)
        try second.append([0, 255, 10])
        second.close()
        #expect(try scratch.bytes("state/logs/render-01a.out") == Array("one\n".utf8) + [0, 255, 10])
        #expect(try scratch.mode("state/logs/render-01a.out") == 0o600)
        #expect(second.path == "\(scratch.state)/logs/render-01a.out")
    }
}
