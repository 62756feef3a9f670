import SpillwayCore
import SpillwayProviders
import SpillwayTransport
import Testing

@Suite struct ScalewayCredentialsTests {
    private let secret = ScalewaySamples.secret
    private let project = ScalewaySamples.project

    private func config(_ yaml: String) throws -> DocumentNode {
        try YAMLReader.read(text: yaml, file: "config.yaml")
    }

    private func refusal(_ environment: [String: String], _ config: DocumentNode? = nil) throws -> Diagnostic {
        try #require(throws: Diagnostic.self) {
            _ = try ScalewayCredentials.resolve(environment: environment, config: config)
        }
    }

    @Test func `the environment alone is enough`() throws {
        let settings = try ScalewayCredentials.resolve(environment: [
            "SCW_SECRET_KEY": secret, "SCW_DEFAULT_PROJECT_ID": project, "SCW_DEFAULT_ZONE": "nl-ams-1",
        ])
        #expect(settings.secretKey.value == secret)
        #expect(settings.projectID == project)
        #expect(settings.apiURL == "https://api.scaleway.com")
        #expect(settings.defaultZone == "nl-ams-1")
    }

    @Test func `a profile overlays the top level, and the environment overlays both`() throws {
        let file = try config(
            """
            access_key: SCWXXXXXXXXXXXXXXXXX
            secret_key: 00000000-0000-0000-0000-000000000000
            default_project_id: \(project)
            active_profile: work
            profiles:
              work:
                secret_key: \(secret)
                default_zone: pl-waw-2
              other:
                default_zone: it-mil-1
            """)
        let active = try ScalewayCredentials.resolve(environment: [:], config: file)
        #expect(active.secretKey.value == secret && active.projectID == project && active.defaultZone == "pl-waw-2")
        let other = try ScalewayCredentials.resolve(environment: ["SCW_PROFILE": "other"], config: file)
        #expect(other.secretKey.value.hasPrefix("00000000") && other.defaultZone == "it-mil-1")
        let overridden = try ScalewayCredentials.resolve(
            environment: ["SCW_DEFAULT_ZONE": "fr-par-2", "SCW_SECRET_KEY": ""], config: file)
        #expect(overridden.defaultZone == "fr-par-2" && overridden.secretKey.value == secret)
    }

    @Test func `who asks for unverified certificates is told that they are verified`() throws {
        let file = try config("secret_key: \(secret)\ndefault_project_id: \(project)\ninsecure: true\n")
        #expect(
            try ScalewayCredentials.resolve(environment: [:], config: file).notes.map { $0.prefix(8) } == ["insecure"])
        let notes = try ScalewayCredentials.resolve(environment: ["SCW_INSECURE": "false"], config: file).notes
        #expect(notes.isEmpty)
    }

    @Test func `a profile that does not exist is refused with those there are`() throws {
        let file = try config("secret_key: \(secret)\nprofiles:\n  work: {default_zone: fr-par-1}\n")
        let refused = try refusal(["SCW_PROFILE": "wrok"], file)
        #expect(refused.code == "credentials.profile")
        #expect(refused.detail.contains("\"wrok\"") && refused.detail.contains("work"))
    }

    @Test func `nothing at all, half, and neither are told apart`() throws {
        #expect(try refusal([:]).code == "credentials.missing")
        let noSecret = try refusal(["SCW_ACCESS_KEY": "SCWABCDEFGHIJKLMNOPQ", "SCW_DEFAULT_PROJECT_ID": project])
        #expect(noSecret.code == "credentials.incomplete" && noSecret.detail.contains("no secret key"))
        let noProject = try refusal(["SCW_SECRET_KEY": secret])
        #expect(
            noProject.code == "credentials.incomplete" && noProject.remedy?.contains("SCW_DEFAULT_PROJECT_ID") == true)
    }

    @Test(arguments: [
        ("SCWABCDEFGHIJKLMNOPQ", "This is an access key, not a secret key"),
        ("9b0c4d52-2222-3333-4444-55555555555", "The secret key is not a UUID"),
        ("'11111111-2222-3333-4444-555555555555'", "The secret key is not a UUID"),
        ("hunter2hunter2", "The secret key is not a UUID"),
    ])
    func `a malformed secret key is named without being repeated`(_ key: String, _ says: String) throws {
        let refused = try refusal(["SCW_SECRET_KEY": key, "SCW_DEFAULT_PROJECT_ID": project])
        #expect(refused.code == "credentials.malformed")
        #expect(refused.detail == "SCW_SECRET_KEY: \(says).")
        #expect(!"\(refused)".contains(key))
    }

    @Test func `a malformed value in the file is shown with its place`() throws {
        let refused = try refusal([:], try config("secret_key: oops\ndefault_project_id: \(project)\n"))
        #expect(refused.source == SourceLocation(file: "config.yaml", line: 1, column: 13))
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://127.1.2.3:1/", "http://127.1.2.3:1"),
        ("http://localhost:9", "http://localhost:9"), ("http://[::1]:9", "http://[::1]:9"),
        ("https://api.example.org//", "https://api.example.org"),
    ])
    func `https and loopback are accepted as endpoints`(_ url: String, _ normal: String) throws {
        let settings = try ScalewayCredentials.resolve(environment: [
            "SCW_SECRET_KEY": secret, "SCW_DEFAULT_PROJECT_ID": project, "SCW_API_URL": url,
        ])
        #expect(settings.apiURL == normal)
    }

    @Test(arguments: [
        "http://api.scaleway.com", "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "ftp://127.0.0.1",
        "api.scaleway.com", "https://", "http://localhost.evil.example:80", "http://127.0.0.256", "http://[::1]evil",
    ])
    func `plain http to anything else is refused`(_ url: String) throws {
        let refused = try refusal(["SCW_SECRET_KEY": secret, "SCW_DEFAULT_PROJECT_ID": project, "SCW_API_URL": url])
        #expect(refused.code == "credentials.malformed")
        #expect(refused.detail.hasPrefix("SCW_API_URL:"))
    }

    @Test func `the config file is looked for where the official tools look`() {
        #expect(ScalewayCredentials.configPath(environment: ["HOME": "/h"]) == "/h/.config/scw/config.yaml")
        #expect(
            ScalewayCredentials.configPath(environment: ["HOME": "/h", "XDG_CONFIG_HOME": "/x"])
                == "/x/scw/config.yaml")
        #expect(ScalewayCredentials.configPath(environment: ["HOME": "/h", "SCW_CONFIG_PATH": "/c"]) == "/c")
        #expect(ScalewayCredentials.configPath(environment: [:]) == nil)
    }
}
