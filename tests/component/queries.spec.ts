import assert from "node:assert/strict";
import * as awsSdk from "@pulumi/aws";
import * as kubernetesSdk from "@pulumi/kubernetes";
import { ZonalPersistentStorage } from "../../components";
import {
    classType,
    cluster,
    jenkins,
    make,
    node,
    persistentVolumeType,
    volumeType,
    world,
} from "../support/jenkins";
import { record } from "../support/mocks";

describe("the query", () => {
    const zonesCall = "aws:index/getAvailabilityZones:getAvailabilityZones";
    const instancesCall = "aws:ec2/getInstances:getInstances";

    it("is one call for the zones and one for each zone", async () => {
        const { calls } = await record(make, world);
        assert.deepEqual(
            calls.map(({ token, inputs }) => [token, inputs]),
            [
                [zonesCall, { filters: [{ name: "zone-type", values: ["availability-zone"] }] }],
                ...["eu-west-1c", "eu-west-1a", "eu-west-1b"].map((zone) => [
                    instancesCall,
                    {
                        filters: [
                            { name: "instance.group-name", values: [`nodes.${cluster}`] },
                            { name: "availability-zone", values: [zone] },
                        ],
                        instanceStateNames: ["running"],
                    },
                ]),
            ],
        );
    });

    it("does not grow with the number of nodes", async () => {
        const many = Array.from({ length: 500 }, (_, one) => node(`eu-west-1${"abc"[one % 3]}`));
        const { calls, result } = await record(make, { ...world, instances: many });
        assert.equal(calls.length, 4);
        assert.deepEqual(result?.zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    });

    it("only checks the zones where they are given", async () => {
        const { calls, result } = await record(() => make({ zones: ["eu-west-1b", "eu-west-1a"] }), world);
        assert.deepEqual(
            calls.map(({ token, inputs }) => [token, inputs]),
            [[zonesCall, { filters: [] }]],
        );
        assert.deepEqual(result?.zones, ["eu-west-1a", "eu-west-1b"]);
    });

    it("looks into the security group that it is given", async () => {
        const { result } = await record(
            () => make({ nodes: { securityGroupName: `masters.${cluster}` } }),
            world,
        );
        assert.deepEqual(result?.zones, ["eu-west-1a"]);
    });

    it("uses the component's providers, and so do the children", async () => {
        const { calls, of } = await record(() => {
            const aws = new awsSdk.Provider("account", { region: "eu-west-1" });
            const kubernetes = new kubernetesSdk.Provider("cluster", {});
            const { volumes } = new ZonalPersistentStorage("jenkins", jenkins, {
                providers: { aws, kubernetes },
            });
            return { volumes };
        }, world);
        calls.forEach(({ provider }) => assert.match(provider, /pulumi:providers:aws::account::account-id$/));
        Object.values(of(volumeType)).forEach(({ provider }) =>
            assert.match(provider, /pulumi:providers:aws::account::account-id$/),
        );
        [...Object.values(of(persistentVolumeType)), ...Object.values(of(classType))].forEach(
            ({ provider }) => assert.match(provider, /pulumi:providers:kubernetes::cluster::cluster-id$/),
        );
    });
});
