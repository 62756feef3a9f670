/// Who may reach the instance's SSH port, and which port that is.
package struct SSHAccess: Codable, Hashable, Sendable {
    package var allowFrom: AllowFrom
    package var port: Located<Int>

    package enum AllowFrom: Codable, Hashable, Sendable {
        /// The caller's own address, asked for once per run.
        case auto
        /// Never empty.
        case blocks([Located<AddressBlock>])
    }

    package init(at location: SourceLocation) {
        allowFrom = .auto
        port = Located(22, at: location)
    }
}
