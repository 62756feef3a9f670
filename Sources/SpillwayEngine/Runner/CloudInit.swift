import FoundationEssentials
package import SpillwayCore

/// The user data of one node: who may log in, as whom it answers, and when it must stop.
///
/// `#cloud-config` in JSON, which is YAML, so that no value needs quoting rules of its own. The deadline stands first:
/// it is armed before anything of the job is there. It carries no credential of any cloud.
package struct CloudInit: Sendable, Hashable {
    /// nil lets the cloud name the machine: where several are booted with the same user data.
    package var hostname: String?
    /// For the first contact only: the first session replaces it.
    package var hostKey: KeyPair
    package var clientKey: HostKey
    package var deadline: Timestamp
    /// The guest's clock may be wrong at boot: it never waits longer than this.
    package var longest: Seconds

    package init(hostname: String?, hostKey: KeyPair, clientKey: HostKey, deadline: Timestamp, longest: Seconds) {
        self.hostname = hostname
        self.hostKey = hostKey
        self.clientKey = clientKey
        self.deadline = deadline
        self.longest = longest
    }

    package var userData: String {
        let config = Config(
            bootcmd: [["sh", "-c", stopAtDeadline]],
            hostname: hostname,
            ssh_deletekeys: true,
            ssh_keys: ["ed25519_private": hostKey.privateKey, "ed25519_public": hostKey.publicKey.line],
            ssh_authorized_keys: [clientKey.line],
            disable_root: false,
            ssh_pwauth: false,
            // Scaleway writes root's authorized_keys anew at each boot, from this file among others.
            write_files: [
                .init(path: "/root/.ssh/instance_keys", content: clientKey.line + "\n", permissions: "0600"),
                .init(path: "/etc/apt/apt.conf.d/90spillway", content: Self.aptSettings, permissions: "0644"),
            ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(config) else { return "#cloud-config\n{}\n" }
        return "#cloud-config\n" + String(decoding: json, as: UTF8.self) + "\n"
    }

    /// The image's own daily upgrade would hold apt's lock just when `setup` wants it.
    private static let aptSettings = """
        APT::Periodic::Enable "0";
        DPkg::Lock::Timeout "300";
        Acquire::Retries "3";

        """

    /// Runs at every boot, so that a reboot does not lengthen the span. It must not wait for systemd, which waits for it.
    private var stopAtDeadline: String {
        """
        left=$(( \(deadline.seconds) - $(date +%s) )); \
        [ "$left" -gt 60 ] || left=60; [ "$left" -lt \(longest.count) ] || left=\(longest.count); \
        systemd-run --no-block --unit=spillway-deadline --timer-property=AccuracySec=1s --on-active="$left" \
        systemctl poweroff 2>/dev/null \
        || shutdown -P "+$(( left / 60 + 1 ))"
        """
    }

    private struct Config: Encodable {
        struct File: Encodable {
            var path: String
            var content: String
            var permissions: String
        }

        var bootcmd: [[String]]
        var hostname: String?
        var ssh_deletekeys: Bool
        var ssh_keys: [String: String]
        var ssh_authorized_keys: [String]
        var disable_root: Bool
        var ssh_pwauth: Bool
        var write_files: [File]
    }
}
