import SpillwayCore
import Testing

@Suite struct SpecDecoderTests {
    @Test func `a small spec decodes with every default in place`() throws {
        let (decoded, problems) = try SpecSamples.decode(SpecSamples.small)
        let spec = try #require(decoded)
        #expect(problems.isEmpty)
        #expect(spec.name.value == "render")
        #expect(spec.providers.value == [.scaleway])
        #expect(spec.zones.isEmpty)
        #expect(spec.resources.instanceType?.value == "DEV1-S")
        #expect(spec.resources.image.value == "ubuntu-24.04")
        #expect(spec.resources.spot.value == .never)
        #expect(spec.nodes.value == 1)
        #expect(spec.budget.maxCost.value == Money(micros: 1_000_000, currency: .eur))
        #expect(spec.budget.maxDuration.value == .hours(1))
        #expect(spec.run == Run(command: spec.run?.command ?? spec.name, asRoot: false))
        #expect(spec.run?.command.value == "./render.sh")
        #expect(spec.timeout == nil)
        #expect(spec.jobTimeout == .minutes(54))
        #expect(spec.retries == Retries())
        #expect(spec.onFailure == .destroy)
        #expect(spec.ssh.allowFrom == .auto)
        #expect(spec.ssh.port.value == 22)
    }

    @Test func `every key decodes, in its longer notation too`() throws {
        let (decoded, problems) = try SpecSamples.decode(SpecSamples.full)
        let spec = try #require(decoded)
        #expect(problems.isEmpty)
        #expect(spec.zones.map(\.value) == ["fr-par-2", "nl-ams-1"])
        #expect(spec.resources.arch?.value == .x86_64)
        #expect(spec.resources.disk?.value == Bytes(80_000_000_000))
        #expect(spec.nodes.value == 3)
        #expect(spec.files.map(\.from.value) == [".", "input"])
        #expect(spec.files.map(\.to.value) == ["work", "data/set"])
        #expect(spec.env.map(\.name.value) == ["THREADS", "EMPTY", "MODE"])
        #expect(spec.env.map(\.value) == ["8", "", "fast"])
        #expect(spec.secrets.map(\.name.value) == ["HF_TOKEN", "A", "C", "D"])
        #expect(
            spec.secrets.map(\.source.kind) == [
                "environment HF_TOKEN", "environment B", "file ~/token", "command pass show d",
            ])
        #expect(spec.setup == "apt-get update\napt-get install -y ffmpeg\n")
        #expect(spec.run?.asRoot == true)
        #expect(spec.timeout?.value == .hours(2))
        #expect(spec.outputs.map(\.from.value) == ["work/out", "work/log.txt"])
        #expect(spec.outputs.map(\.to.value) == ["out", "logs"])
        #expect(spec.outputs.map(\.intoFolder) == [true, false])
        #expect(spec.outputs.map(\.maxSize.value) == [Bytes(20_000_000_000), Bytes(10_000_000_000)])
        #expect(spec.onFailure == .keep)
        guard case .blocks(let blocks) = spec.ssh.allowFrom else { throw Unexpected() }
        #expect(blocks.map(\.value.description) == ["203.0.113.0/24", "2001:db8::/32"])
        #expect(spec.ssh.port.value == 2222)
    }

    @Test func `what diagnostics may refer to later knows where it was written`() throws {
        let spec = try #require(try SpecSamples.decode(SpecSamples.full).spec)
        #expect(spec.zones.map(\.location.description) == ["spillway.yaml:3:8", "spillway.yaml:3:18"])
        #expect(spec.resources.instanceType?.location.description == "spillway.yaml:5:18")
        #expect(spec.budget.maxCost.location.description == "spillway.yaml:12:13")
        #expect(spec.timeout?.location.description == "spillway.yaml:29:10")
    }

    @Test func `the user's own bounds stand in for missing ones, and never for written ones`() throws {
        let defaults = UserDefaults(maxCost: Money(micros: 2_000_000, currency: .eur), maxDuration: .minutes(30))
        let options = SpecDecoder.Options(defaults: defaults)
        let text = SpecSamples.small(with: "budget: {max_duration: 2h}")
        let spec = try #require(try SpecSamples.decode(text, options: options).spec)
        #expect(spec.budget.maxCost.value == Money(micros: 2_000_000, currency: .eur))
        #expect(spec.budget.maxDuration.value == .hours(2))
    }

    @Test func `what is to be used of an AWS account is read as it stands`() throws {
        let text = SpecSamples.small(
            with: """
                provider: aws
                aws: {subnet_id: subnet-1, security_group_id: sg-1, key_name: ada, iam_instance_profile: reader}
                """)
        let spec = try #require(
            try SpecSamples.decode(text).spec?.aws)
        #expect(spec.subnetID == "subnet-1" && spec.securityGroupID == "sg-1")
        #expect(spec.keyName == "ada" && spec.iamInstanceProfile == "reader")
    }

    @Test func `requirements, spot, retries and several providers decode`() throws {
        let text = """
            name: more
            provider: [scaleway, aws]
            resources: {cpus: 16.., memory: 32GB..64GB, gpu: L4:1, spot: prefer}
            budget: {max_cost: 4 EUR, max_duration: 3h}
            retries: {job: 1, preempted: 2}
            """
        let (decoded, problems) = try SpecSamples.decode(text)
        let spec = try #require(decoded)
        #expect(problems.isEmpty)
        #expect(spec.providers.value == [.scaleway, .aws])
        #expect(spec.resources.cpus?.value.description == "16..")
        #expect(spec.resources.memory?.value.description == "32GB..64GB")
        #expect(spec.resources.gpu?.value == GPU(name: "L4", count: 1))
        #expect(spec.resources.spot.value == .prefer)
        #expect(spec.retries == Retries(job: 1, preempted: 2))
    }

    @Test func `the local cloud needs no instance type and no zone`() throws {
        let text = "name: a\nprovider: local\nbudget: {max_cost: 1 EUR, max_duration: 10m}\n"
        let (spec, problems) = try SpecSamples.decode(text)
        #expect(spec != nil)
        #expect(problems.isEmpty)
    }

    @Test func `paths may leave the folder only where that was allowed`() throws {
        let text = SpecSamples.small(with: "files: [{from: ../shared, to: a}, {from: /srv/data, to: b}]")
        #expect(
            try SpecSamples.decode(text).problems.map(\.code.description)
                == Array(repeating: "spec.outside-folder", count: 2))
        let spec = try #require(try SpecSamples.decode(text, options: SpecDecoder.Options(allowOutside: true)).spec)
        #expect(spec.files.map(\.from.value) == ["../shared", "/srv/data"])
    }

    @Test func `a decoded spec survives being written and read`() throws {
        let spec = try #require(try SpecSamples.decode(SpecSamples.full).spec)
        #expect(try roundTrip(spec) == spec)
    }
}

struct Unexpected: Error {}

extension Secret.Source {
    fileprivate var kind: String {
        switch self {
        case .environment(let name): "environment \(name)"
        case .file(let path): "file \(path.value)"
        case .command(let text): "command \(text.value)"
        }
    }
}
