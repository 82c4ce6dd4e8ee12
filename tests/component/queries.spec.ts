import assert from "node:assert/strict";
import { cluster, make, node, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

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
});
