import FoundationEssentials
import SpillwayCore
import SpillwayEngine

/// Every cloud that this machine has credentials for, and the simulated one where a burst of this folder is in it.
struct SweepClouds: Sendable {
    struct Opened: Sendable {
        var name: ProviderName
        var cloud: Cloud
    }

    var clouds: [Opened] = []
    /// Clouds that are configured and could not be opened: what is there is not known.
    var failures: [Diagnostic] = []

    /// Throws `credentials.missing` when there is no cloud to look at.
    init(_ invocation: Invocation, stateDir: String) async throws {
        let choice = CloudChoice(invocation: invocation, stateDir: stateDir, everywhere: true)
        var missing: [Diagnostic] = []
        for name in try Self.names(stateDir) {
            do {
                clouds.append(Opened(name: name, cloud: try await choice.open(name)))
            } catch let error as Diagnostic where Self.notConfigured.contains(error.code) {
                missing.append(error)
            } catch let error as Diagnostic {
                failures.append(error)
            }
        }
        if clouds.isEmpty { throw Diagnostics(failures.isEmpty ? Array(missing.prefix(1)) : failures) }
    }

    static let notConfigured: Set<Diagnostic.Code> = ["credentials.missing"]

    private static func names(_ stateDir: String) throws -> [ProviderName] {
        let inSimulation = ((try? KnownBurst.all(in: stateDir)) ?? []).contains { burst in
            burst.state?.run?.source.cloud == .local && burst.state?.isLive ?? false
        }
        return [.scaleway, .aws] + (inSimulation ? [.local] : [])
    }
}

extension Invocation {
    /// As ``owner()``, but never a new one: who has none yet has nothing that could be found by it.
    func knownOwner() throws -> String {
        if environment["SPILLWAY_OWNER"]?.isEmpty ?? true, try configuration().owner == nil {
            throw Diagnostic(
                "config.owner-unknown", "Whose resources are meant?",
                detail: "Neither SPILLWAY_OWNER nor the user configuration names an owner, so nothing could be found.",
                remedy: "Set `owner` in the user configuration to the id that your other machines use.",
                exists: "Nothing was changed.", exit: .usage)
        }
        return try owner()
    }
}
