import SpillwayCore
import Testing

@testable import SpillwayTransport

@Suite struct HTTPTargetTests {
    @Test(arguments: [
        "http://169.254.169.254/latest/api/token", "http://169.254.170.2/v2/x", "http://169.254.170.23/v1",
    ])
    func `the metadata services of a host are spoken to in plain http and without a proxy`(_ url: String) throws {
        let target = try HTTPTarget(url)
        #expect(target.isDirect && !target.isLoopback)
    }

    @Test(arguments: [
        "http://169.254.169.253/", "http://169.254.169.254.example.com/", "http://example.com/169.254.169.254",
    ])
    func `no other address is taken for one of them`(_ url: String) {
        let failure = #expect(throws: HTTPFailure.self) { try HTTPTarget(url) }
        #expect(failure?.kind == .insecureURL)
    }
}
