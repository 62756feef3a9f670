import Foundation
import TestSupport
import Testing

@testable import CloudSim

/// AWS's own client for Python, which nobody here wrote, drives the simulated EC2, and its model of the API judges every
/// answer.
@Suite(.timeLimit(.minutes(5)))
struct BotoTests {
    @Test func `boto3 drives instances from launch to the last volume`() async throws {
        guard let python = try await PythonPackage(module: "boto3", pip: "boto3==1.43.11").interpreter() else {
            print("The test with boto3 is skipped: no python3 with it, nor with venv and pip and a network.")
            return
        }
        try await withCloudSim(["--without-guests"]) { cloud in
            let access = String(decoding: try JSONEncoder().encode(cloud.ec2), as: UTF8.self)
            let output = try await run(python, ["-c", Self.script, access])
            #expect(output.status == 0, "\(output.errors)")
            #expect(output.text.hasSuffix("driven\n"))
            #expect(try await SimulatedAPI(cloud: cloud).get("/_sim/world").json["is_empty"] == true)
        }
    }

    private static let script = #"""
        import base64, json, sys, time, xml.etree.ElementTree as ET
        import boto3, botocore
        from botocore.config import Config
        from botocore.exceptions import ClientError

        said = json.loads(sys.argv[1])
        session = boto3.Session(aws_access_key_id=said["access_key_id"], aws_secret_access_key=said["secret_access_key"],
                                region_name=said["region"])
        config = Config(retries={"total_max_attempts": 1})
        ec2, sts, ssm = (session.client(s, endpoint_url=said["endpoint_url"], config=config) for s in ("ec2", "sts", "ssm"))

        # Every element of every answer has to be one that the official model knows, where it stands.
        def strangers(element, shape, path):
            tag = lambda e: e.tag.split("}")[-1]
            if shape.type_name == "list":
                for item in element:
                    assert tag(item) == shape.member.serialization.get("name", "member"), f"{path}: {tag(item)}"
                    strangers(item, shape.member, path + "[]")
            elif shape.type_name == "structure":
                names = {m.serialization.get("name", n): m for n, m in shape.members.items()}
                for child in element:
                    if not path and tag(child) in ("requestId", "return"): continue
                    assert tag(child) in names, f"{shape.name}: {path}.{tag(child)} is not in the model"
                    strangers(child, names[tag(child)], f"{path}.{tag(child)}")
            else:
                assert len(element) == 0, f"{path} has children"

        def check(http_response, parsed, model, **_):
            if http_response.status_code == 200 and model.output_shape is not None:
                strangers(ET.fromstring(http_response.content), model.output_shape, "")
        ec2.meta.events.register("after-call.ec2.*", check)

        def refused(code, call, **parameters):
            try: call(**parameters)
            except ClientError as error:
                assert error.response["Error"]["Code"] == code, error
                assert error.response["ResponseMetadata"]["RequestId"]
                return error.response["Error"]["Message"]
            raise SystemExit(f"{call.__name__} was not refused with {code}")

        def wait(what, test):
            for _ in range(1000):
                found = test()
                if found: return found
                time.sleep(0.01)
            raise SystemExit(f"never {what}")

        def instances(**parameters):
            return [i for r in ec2.describe_instances(**parameters)["Reservations"] for i in r["Instances"]]
        def running(ids):
            found = instances(InstanceIds=ids)
            return found if all(i["State"]["Name"] == "running" for i in found) else None
        def terminated(ids): return all(i["State"]["Name"] == "terminated" for i in instances(InstanceIds=ids))

        # Who and where.
        identity = sts.get_caller_identity()
        assert identity["Account"].isdigit() and len(identity["Account"]) == 12
        assert [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]] == said["zones"]
        assert ec2.describe_regions()["Regions"][0]["RegionName"] == said["region"]
        vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        subnet = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]},
                                               {"Name": "availability-zone", "Values": ["us-east-1b"]}])["Subnets"][0]
        ec2.describe_account_attributes()

        # What there is.
        ubuntu = ec2.describe_images(Owners=["099720109477"], Filters=[
            {"Name": "name", "Values": ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]},
            {"Name": "architecture", "Values": ["x86_64"]}, {"Name": "state", "Values": ["available"]}])["Images"]
        assert len(ubuntu) == 2, ubuntu
        image = max(ubuntu, key=lambda i: i["CreationDate"])["ImageId"]
        name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == image
        assert ssm.get_parameters(Names=[name, "/none"])["InvalidParameters"] == ["/none"]
        assert any(i["OwnerId"] == "666666666666" for i in ec2.describe_images(Filters=[{"Name": "name", "Values": ["*noble*"]}])["Images"])
        types = [t for page in ec2.get_paginator("describe_instance_types").paginate() for t in page["InstanceTypes"]]
        assert len(types) > 1200 and len({t["InstanceType"] for t in types}) == len(types)
        assert ec2.describe_instance_types(InstanceTypes=["g5.xlarge"])["InstanceTypes"][0]["GpuInfo"]["Gpus"][0]["Name"] == "A10G"
        offers = ec2.describe_instance_type_offerings(LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": ["t3.micro"]}])["InstanceTypeOfferings"]
        assert {o["Location"][-1] for o in offers} >= set("abc")
        refused("InvalidInstanceType", ec2.describe_instance_types, InstanceTypes=["t9.huge"])

        # A group, a key.
        tags = [{"Key": "spillway:owner", "Value": "o-1"}, {"Key": "spillway:burst", "Value": "a&b <c>"}]
        specify = lambda *kinds: [{"ResourceType": k, "Tags": tags} for k in kinds]
        group = ec2.create_security_group(GroupName="burst", Description="burst", VpcId=vpc,
                                          TagSpecifications=specify("security-group"))["GroupId"]
        assert "already exists for VPC" in refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="burst", Description="x")
        ssh = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "home"}]}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=ssh)
        refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=ssh)
        found = ec2.describe_security_groups(Filters=[{"Name": "tag:spillway:owner", "Values": ["o-1"]}])["SecurityGroups"]
        assert [g["GroupId"] for g in found] == [group] and found[0]["IpPermissions"][0]["IpRanges"] == ssh[0]["IpRanges"]
        assert found[0]["Tags"] == sorted(tags, key=lambda t: t["Key"]), found[0]["Tags"]
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=ssh)
        refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=ssh)
        public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEaQlW7yKxZl1AbDDJ9GHqLqcGZP1BK7TDSHSbHVbpJS"
        ec2.import_key_pair(KeyName="burst", PublicKeyMaterial=public.encode(), TagSpecifications=specify("key-pair"))
        refused("InvalidKeyPair.Duplicate", ec2.import_key_pair, KeyName="burst", PublicKeyMaterial=public.encode())
        refused("InvalidKey.Format", ec2.import_key_pair, KeyName="other", PublicKeyMaterial=b"nonsense")
        assert ec2.describe_key_pairs(KeyNames=["burst"])["KeyPairs"][0]["KeyType"] == "ed25519"

        # Three under one token.
        launch = dict(ImageId=image, InstanceType="t3.small", MinCount=3, MaxCount=3, ClientToken="attempt-1", KeyName="burst",
            InstanceInitiatedShutdownBehavior="terminate", MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            CreditSpecification={"CpuCredits": "standard"}, UserData="#!/bin/sh\ntrue\n",
            BlockDeviceMappings=[
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}},
                {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "DeleteOnTermination": False}}],
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": [group], "DeleteOnTermination": True,
                                "AssociatePublicIpAddress": True}],
            TagSpecifications=specify("instance", "volume", "network-interface"))
        refused("DryRunOperation", ec2.run_instances, DryRun=True, **launch)
        assert instances() == []
        first = ec2.run_instances(**launch)
        ids = [i["InstanceId"] for i in first["Instances"]]
        assert [i["AmiLaunchIndex"] for i in first["Instances"]] == [0, 1, 2]
        assert {i["State"]["Name"] for i in first["Instances"]} == {"pending"}
        assert [i["InstanceId"] for i in ec2.run_instances(**launch)["Instances"]] == ids
        refused("IdempotentParameterMismatch", ec2.run_instances, **{**launch, "InstanceType": "t3.micro"})
        up = wait("running", lambda: running(ids))
        assert all(i["PublicIpAddress"].startswith("127.") and i["Placement"]["AvailabilityZone"] == "us-east-1b" for i in up)
        assert up[0]["MetadataOptions"]["HttpTokens"] == "required" and up[0]["SecurityGroups"][0]["GroupId"] == group
        assert len(instances(Filters=[{"Name": "client-token", "Values": ["attempt-1"]}, {"Name": "tag-key", "Values": ["spillway:*"]},
                                      {"Name": "instance-state-name", "Values": ["running"]}])) == 3
        credits = ec2.describe_instance_credit_specifications(InstanceIds=ids)["InstanceCreditSpecifications"]
        assert {c["CpuCredits"] for c in credits} == {"standard"}
        def statuses(): return ec2.describe_instance_status(InstanceIds=ids)["InstanceStatuses"]
        assert len(statuses()) == 3
        more = ec2.run_instances(**{**launch, "ClientToken": "attempt-2", "MinCount": 4, "MaxCount": 4})
        more = [i["InstanceId"] for i in more["Instances"]]
        pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
        assert [sum(len(r["Instances"]) for r in p["Reservations"]) for p in pages] == [5, 2]
        refused("InvalidParameterCombination", ec2.describe_instances, InstanceIds=ids, MaxResults=5)

        # What is wrong is said as EC2 says it.
        refused("InvalidParameterValue", ec2.describe_instances, Filters=[{"Name": "colour", "Values": ["red"]}])
        refused("InvalidInstanceID.Malformed", ec2.describe_instances, InstanceIds=["i-1"])
        assert "i-0123456789abcdef0" in refused("InvalidInstanceID.NotFound", ec2.terminate_instances, InstanceIds=[ids[0], "i-0123456789abcdef0"])
        refused("InvalidAMIID.NotFound", ec2.run_instances, **{**launch, "ImageId": "ami-0123456789abcdef0", "ClientToken": "t"})
        refused("InvalidParameterValue", ec2.run_instances, **{**launch, "InstanceType": "t4g.small", "ClientToken": "t"})
        refused("InvalidParameterValue", ec2.run_instances, **{**launch, "InstanceType": "t9.huge", "ClientToken": "t"})
        assert "16384" in refused("InvalidParameterValue", ec2.run_instances, **{**launch, "UserData": "x" * 16385, "ClientToken": "t"})
        refused("InvalidParameterCombination", ec2.run_instances, **{**launch, "SubnetId": subnet["SubnetId"], "ClientToken": "t"})
        refused("InvalidBlockDeviceMapping", ec2.run_instances, **{**launch, "ClientToken": "t", "BlockDeviceMappings": [
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 4}}]})
        refused("UnknownParameter", ec2.run_instances, **{**launch, "KernelId": "aki-1", "ClientToken": "t"})
        assert "us-east-1a" in refused("Unsupported", ec2.run_instances, ImageId=image, InstanceType="t3.small", MinCount=1, MaxCount=1,
                                       Placement={"AvailabilityZone": "us-east-1e"})
        refused("IncorrectInstanceState", ec2.modify_instance_attribute, InstanceId=ids[0], UserData={"Value": b""})
        assert "dependent object" in refused("DependencyViolation", ec2.delete_security_group, GroupId=group)

        # Tags, stop and start.
        ec2.create_tags(Resources=[ids[0]], Tags=[{"Key": "Name", "Value": "one"}])
        assert instances(Filters=[{"Name": "tag:Name", "Values": ["on?"]}])[0]["InstanceId"] == ids[0]
        ec2.delete_tags(Resources=[ids[0]], Tags=[{"Key": "Name"}])
        assert instances(Filters=[{"Name": "tag:Name", "Values": ["*"]}]) == []
        kinds = {t["ResourceType"] for t in ec2.describe_tags(Filters=[{"Name": "key", "Values": ["spillway:owner"]}])["Tags"]}
        assert kinds == {"instance", "volume", "network-interface", "security-group", "key-pair"}, kinds
        ec2.stop_instances(InstanceIds=ids[:1])
        wait("stopped", lambda: instances(InstanceIds=ids[:1])[0]["State"]["Name"] == "stopped")
        ec2.modify_instance_attribute(InstanceId=ids[0], UserData={"Value": b""})
        assert ec2.describe_instance_attribute(InstanceId=ids[0], Attribute="userData")["UserData"] == {}
        ec2.start_instances(InstanceIds=ids[:1])
        wait("running again", lambda: running(ids[:1]))
        ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": True})
        refused("OperationNotPermitted", ec2.terminate_instances, InstanceIds=ids)
        ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": False})

        # The end: root volumes go, the others stay until somebody deletes them, the group can go last.
        changed = ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"]
        assert {(c["PreviousState"]["Name"], c["CurrentState"]["Name"]) for c in changed} == {("running", "shutting-down")}
        refused("IdempotentInstanceTerminated", ec2.run_instances, **launch)
        wait("terminated", lambda: terminated(ids))
        ended = instances(InstanceIds=ids)[0]
        assert ended["StateReason"]["Code"] == "Client.UserInitiatedShutdown" and "VpcId" not in ended
        ec2.terminate_instances(InstanceIds=ids + more)
        wait("terminated", lambda: terminated(more))
        left = wait("available", lambda: (v := ec2.describe_volumes()["Volumes"]) and all(x["State"] == "available" for x in v) and v)
        assert len(left) == 7 and {v["Size"] for v in left} == {5} and left[0]["Tags"], left
        for volume in left: ec2.delete_volume(VolumeId=volume["VolumeId"])
        refused("InvalidVolume.NotFound", ec2.delete_volume, VolumeId=left[0]["VolumeId"])
        assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []

        # Spot.
        price = ec2.describe_spot_price_history(InstanceTypes=["c5.large"], ProductDescriptions=["Linux/UNIX"], MaxResults=1,
            AvailabilityZone="us-east-1a", StartTime=time.time())["SpotPriceHistory"][0]
        spot = dict(ImageId=image, InstanceType="c5.large", MinCount=1, MaxCount=1, SecurityGroupIds=[group], Placement={"AvailabilityZone": "us-east-1a"})
        market = lambda price: {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time", "MaxPrice": price}}
        refused("SpotMaxPriceTooLow", ec2.run_instances, InstanceMarketOptions=market("0.001"), **spot)
        taken = ec2.run_instances(InstanceMarketOptions=market(price["SpotPrice"]), ClientToken="spot-1",
                                  TagSpecifications=specify("instance", "spot-instances-request"), **spot)["Instances"][0]
        assert taken["InstanceLifecycle"] == "spot"
        request = ec2.describe_spot_instance_requests(Filters=[{"Name": "tag:spillway:owner", "Values": ["o-1"]}])["SpotInstanceRequests"][0]
        assert request["InstanceId"] == taken["InstanceId"] and request["State"] == "active" and request["Status"]["Code"] == "fulfilled"
        wait("running", lambda: running([taken["InstanceId"]]))
        refused("UnsupportedOperation", ec2.stop_instances, InstanceIds=[taken["InstanceId"]])
        assert ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request["SpotInstanceRequestId"]])[
            "CancelledSpotInstanceRequests"][0]["State"] == "cancelled"
        ec2.terminate_instances(InstanceIds=[taken["InstanceId"]])
        wait("terminated", lambda: terminated([taken["InstanceId"]]))

        # Addresses, other credentials, and nothing left.
        address = ec2.allocate_address(Domain="vpc")
        assert ec2.describe_addresses()["Addresses"][0]["PublicIp"] == address["PublicIp"]
        ec2.release_address(AllocationId=address["AllocationId"])
        role = sts.assume_role(RoleArn=f"arn:aws:iam::{identity['Account']}:role/burst", RoleSessionName="me")["Credentials"]
        assumed = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"], said["region"])
        assert assumed.client("sts", endpoint_url=said["endpoint_url"]).get_caller_identity()["Arn"].endswith("assumed-role/burst/me")
        assert assumed.client("ec2", endpoint_url=said["endpoint_url"]).describe_volumes()["Volumes"] == []
        ec2.delete_security_group(GroupId=group)
        ec2.delete_key_pair(KeyName="burst")
        ec2.delete_key_pair(KeyName="burst")
        print("driven")
        """#
}
