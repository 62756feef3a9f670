import SpillwayCore

/// Which address this machine has on the internet, asked of one configurable URL.
///
/// There is no fallback: a firewall is never opened to the whole internet unasked.
struct CallerAddress: Sendable {
    /// Run by AWS, plain text.
    static let standardURL = "https://checkip.amazonaws.com"

    let url: String
    let http: any HTTPClient

    func admission(port: Int) async throws -> SSHAdmission {
        let response: HTTPResponse
        do {
            response = try await http.send(HTTPRequest(.get, url, timeout: .seconds(10)))
        } catch {
            throw unknown("\(url) does not answer: \(error.detail)")
        }
        let text = String(decoding: response.body.prefix(200), as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .first
        guard response.status == 200, let text,
            let block = AddressBlock(text.contains(":") ? "\(text)/128" : "\(text)/32")
        else {
            throw unknown("\(url) answered with status \(response.status) and not with an address.")
        }
        return SSHAdmission(cidrs: [block.description], port: port)
    }

    private func unknown(_ why: String) -> Diagnostic {
        Diagnostic(
            "ssh.unknown-address", "This machine's public address is not known",
            detail: "ssh.allow_from is auto, so SSH is admitted from this machine's address alone. \(why)",
            remedy: "Name the address in the spec (ssh: {allow_from: [203.0.113.7/32]}), or another service in "
                + "address_url of the user config.",
            exists: "Nothing was created.")
    }
}
