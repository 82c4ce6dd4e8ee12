import { isSecret } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { ifKnown } from "../../components/engine/withoutDependencies";
import { findZones } from "../../components/lookups/zones";
import type { Zones } from "../../components/lookups/zones";
import { disksOf } from "../../components/plan/disks";
import { cluster, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

describe("zones that can't be found", () => {
    /** All outputs but the failure. */
    const outputsOf = ({
        names,
        region,
        namesById,
        requested,
        nodeCounts,
        of,
        named,
    }: Zones): Output<unknown>[] => [
        names,
        region,
        namesById,
        requested,
        nodeCounts,
        of(0),
        named("eu-west-1a"),
    ];
    const lookFor = (given: { zones?: string[]; clusterName?: string }) =>
        record(() => {
            const args = { clusterName: cluster, count: 1, volume: { sizeGiB: 1 }, ...given };
            const zones = findZones(args, disksOf("data", args), {});
            // Rejects where the output is rejected, which an unknown one isn't.
            const settled = Promise.all(outputsOf(zones).map((one) => isSecret(one)));
            return { failures: zones.failures.map(ifKnown), settled };
        }, world);

    it("have a failure, and outputs that are unknown: a rejected one could take all memory", async () => {
        const { result: absent } = await lookFor({ zones: ["eu-west-1x"] });
        assert.match(absent?.failures[0] ?? "", /zones: no availability zone "eu-west-1x" in eu-west-1/);
        const { result: withoutNodes } = await lookFor({ clusterName: "other" });
        assert.match(withoutNodes?.failures[1] ?? "", /no node of the cluster "other" was found/);
        [absent, withoutNodes].forEach((one) => assert.deepEqual(one?.settled, Array(7).fill(false)));
    });

    it("are none where zones are given and no node runs, which is a warning", async () => {
        const { result } = await lookFor({ clusterName: "other", zones: ["eu-west-1a"] });
        assert.deepEqual(result?.failures, [undefined, undefined, undefined]);
    });
});
