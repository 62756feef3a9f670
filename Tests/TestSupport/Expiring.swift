import Foundation

/// Makes everything of a burst look past its deadline: its tags in the cloud, and what its state says of it.
package func expire(_ burst: String, in place: Workplace, _ cloud: CloudSimProcess, zone: String = "fr-par-1")
    async throws
{
    let past = "2026-01-01T00:00:00Z"
    for (path, key) in [
        ("/instance/v1/zones/\(zone)/servers", "servers"), ("/instance/v1/zones/\(zone)/ips", "ips"),
        ("/instance/v1/zones/\(zone)/security_groups", "security_groups"),
        ("/block/v1/zones/\(zone)/volumes", "volumes"),
    ] {
        let page = try JSONSerialization.jsonObject(with: try await cloud.ask("GET", path)) as? [String: Any]
        for item in page?[key] as? [[String: Any]] ?? [] {
            guard let id = item["id"] as? String, let tags = item["tags"] as? [String],
                tags.contains("spillway:burst=\(burst)")
            else { continue }
            let changed = tags.map { $0.hasPrefix("spillway:expires=") ? "spillway:expires=\(past)" : $0 }
            _ = try await cloud.ask(
                "PATCH", "\(path)/\(id)", try JSONSerialization.data(withJSONObject: ["tags": changed]))
        }
    }
    let state = place.text("state/\(burst).json")
    try place.write(
        state.replacing(/"expires" : "[^"]*"/, with: "\"expires\" : \"\(past)\""), to: "state/\(burst).json")
}
