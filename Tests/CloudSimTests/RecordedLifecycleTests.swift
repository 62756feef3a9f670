import TestSupport
import Testing

@testable import CloudSim

/// Lives that were recorded on the real API, lived again on the simulated one.
@Suite(.timeLimit(.minutes(5)))
struct RecordedLifecycleTests {
    @Test(arguments: [
        "action-server-on-off", "server-minimal", "server-ips", "server-ip-removed", "server-additional-volumes",
        "server-root-volume-size", "server-user-data-with-cloud-init-at-start", "user-data-basic",
        "data-source-server-basic",
        "security-group-basic", "security-group-rules-basic", "security-group-with-port-range",
        "data-source-security-group-basic", "ip-basic", "ip-tags", "ip-with-zone", "volume-basic", "volume-scratch",
        "block-volume-update-size", "block-snapshot-basic", "snapshot-server", "ssh-key-basic", "ssh-key-disabled",
        "list-iamssh-keys-basic", "data-source-marketplace-image-basic", "data-source-marketplace-image-sbs",
        "test-create-server-errors-error-invalid-image-label", "test-create-server-errors-error-invalid-image-uuid",
        "test-create-server-errors-error-not-found-ipid", "test-create-server-ips-run-with-dynamic-ip",
        "test-create-server-with-incorrect-body", "test-get-image-by-label", "test-security-group-get-get",
        "test-server-action-manual-poweron", "test-server-delete-with-multiple-ips",
        "test-server-delete-with-none-volumes", "test-server-terminate-with-ip", "test-server-terminate-without-block",
        "test-server-update-no-initial-placement-group_-placement-group-id=invalid-pg-id",
        "test-user-data-file-upload-on-cloud-init", "test-user-data-list-simple",
        "test-volume-type-list-volume-type-list",
    ])
    func `a recorded life is lived again with the same answers and states`(_ name: String) async throws {
        let exchanges = try Recording.load(name)
        let findings = try await withCloudSim([
            "--without-guests", "--manual-clock", "--time-scale", "1", "--seed", "7",
        ]) {
            var replay = Replay(api: SimulatedAPI(cloud: $0))
            try await replay.run(exchanges)
            #expect(replay.compared > 0)
            return replay.findings
        }
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }
}
