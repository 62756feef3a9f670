import Foundation
import TestSupport
import Testing

@testable import CloudSim

/// The official client, which nobody here wrote, drives the simulated cloud.
@Suite(.timeLimit(.minutes(5)))
struct PythonClientTests {
    @Test func `the official Python client drives a server from creation to the last address`() async throws {
        guard let python = try await PythonPackage(module: "scaleway", pip: "scaleway==2.12.0").interpreter() else {
            print("The test with the official Python client is skipped: no python3 with venv and pip, or no network.")
            return
        }
        try await withCloudSim(["--without-guests"]) { cloud in
            let access: JSON = [
                "api_url": .string(cloud.apiURL), "access_key": .string(cloud.accessKey),
                "secret_key": .string(cloud.secretKey), "project_id": .string(cloud.projectID),
            ]
            let output = try await run(python, ["-c", Self.script, access.text])
            #expect(output.status == 0, "\(output.errors)")
            #expect(output.text.hasSuffix("driven\n"))
            #expect(try await SimulatedAPI(cloud: cloud).get("/_sim/world").json["is_empty"] == true)
        }
    }

    private static let script = #"""
        import json, sys, time
        from scaleway import Client
        from scaleway.instance.v1 import ServerAction
        from scaleway.instance.v1.custom_api import InstanceUtilsV1API
        from scaleway.block.v1 import BlockV1API
        from scaleway.marketplace.v2 import MarketplaceV2API
        from scaleway.iam.v1alpha1 import IamV1Alpha1API

        zone = "fr-par-1"
        said = json.loads(sys.argv[1])
        client = Client(api_url=said["api_url"], access_key=said["access_key"], secret_key=said["secret_key"],
                        default_project_id=said["project_id"], default_zone=zone, default_region="fr-par")
        instance, block = InstanceUtilsV1API(client), BlockV1API(client)
        image = next(i for i in MarketplaceV2API(client).list_local_images(image_label="ubuntu_noble", zone=zone, type_="instance_sbs").local_images
                     if "DEV1-S" in i.compatible_commercial_types)
        ip = instance.create_ip(zone=zone, project=said["project_id"], tags=["burst=1"], type_="routed_ipv4").ip
        group = instance.create_security_group(zone=zone, name="burst", description="", project=said["project_id"], stateful=True,
                                               inbound_default_policy="drop", outbound_default_policy="accept").security_group
        server = instance.create_server(zone=zone, name="sdk", commercial_type="DEV1-S", image=image.id, project=said["project_id"],
                                        dynamic_ip_required=False, public_ips=[ip.id], security_group=group.id, protected=False,
                                        tags=["burst=1"]).server
        assert server.state == "stopped", server.state
        assert server.public_ips[0].address == ip.address
        instance.set_server_user_data(server.id, "cloud-init", b"#!/bin/sh\ntrue\n", zone)
        assert instance.get_server_user_data(server.id, "cloud-init", zone).content == b"#!/bin/sh\ntrue\n"
        instance.server_action(server_id=server.id, zone=zone, action=ServerAction.POWERON)
        def wait(state):
            for _ in range(500):
                found = instance.get_server(server_id=server.id, zone=zone).server
                if found.state == state: return found
                time.sleep(0.02)
            raise SystemExit(f"never {state}: {found.state}")
        wait("running")
        listed = instance.list_servers_all(zone=zone, tags=["burst=1"], per_page=1)
        assert [s.id for s in listed] == [server.id], listed
        assert len(instance.list_servers_types(zone=zone).servers) == 50
        assert IamV1Alpha1API(client).list_ssh_keys_all() == []
        volume = server.volumes["0"].id
        block.update_volume(volume_id=volume, zone=zone, tags=["burst=1"])
        instance.server_action(server_id=server.id, zone=zone, action=ServerAction.TERMINATE)
        for _ in range(500):
            try: instance.get_server(server_id=server.id, zone=zone); time.sleep(0.02)
            except Exception as error: assert error.status_code == 404, error; break
        for _ in range(500):
            if block.get_volume(volume_id=volume, zone=zone).status == "available": break
            time.sleep(0.02)
        assert block.list_volumes_all(zone=zone, include_deleted=False, tags=["burst=1"])[0].id == volume
        block.delete_volume(volume_id=volume, zone=zone)
        instance.delete_ip(ip=ip.id, zone=zone)
        instance.delete_security_group(security_group_id=group.id, zone=zone)
        print("driven")
        """#
}
