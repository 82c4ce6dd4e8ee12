import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handedPersistentVolume, readHandOver } from "../../tools/adopt/released/handOverFile";
import { persistentVolumeProblems, placeOf, writeHandOver } from "../../tools/release/handOver";
import type { ReleasedStorage } from "../../tools/release/releasedStorage";
import { claimed, handed, handOver } from "../support/fixtures/handOver";
import { persistentVolume } from "../support/fixtures/twoDisks";

describe("hand-over file", () => {
    let directory: string;
    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "hand-over-"));
    });
    after(() => rm(directory, { recursive: true }));
    const file = () => join(directory, "disks.json");

    it("is read as it was written", async () => {
        await writeHandOver(file(), handOver());
        assert.deepEqual(await readHandOver(file()), handOver());
    });

    it("has of a PersistentVolume what another cluster can have, too", () => {
        const live: V1PersistentVolume = {
            metadata: { name: "data-0", uid: "1", annotations: { a: "b" } },
            spec: {
                ...handed("data-0", "vol-0").spec,
                claimRef: {
                    apiVersion: "v1",
                    kind: "PersistentVolumeClaim",
                    uid: "2",
                    ...claimed("a").claimRef,
                },
                nodeAffinity: {},
                persistentVolumeReclaimPolicy: "Retain",
            },
        };
        const { mountOptions: _, ...spec } = handedPersistentVolume(live).spec;
        assert.deepEqual(spec, handed("data-0", "vol-0", claimed("a")).spec);
    });

    const cases: [string, string, RegExp][] = [
        ["isn't JSON", "vol-1", /must be a file that release --hand-over has written: its content/],
        ["is of a later version", JSON.stringify({ ...handOver(), version: 2 }), /: version: /],
        ["has no storages", JSON.stringify({ ...handOver(), storages: [] }), /: storages: /],
    ];
    cases.forEach(([what, text, message]) =>
        it(`is rejected when it ${what}`, async () => {
            await writeFile(file(), text);
            await assert.rejects(readHandOver(file()), message);
        }),
    );

    it("is rejected when it is missing", () =>
        assert.rejects(readHandOver(join(directory, "none")), /could not read .*none/));
});

describe("storages to hand over", () => {
    const released = (different: Partial<ReleasedStorage> = {}): ReleasedStorage => ({
        name: "data",
        urn: "",
        urns: [],
        disks: [{ ordinal: 0, persistentVolume: "data-0", volumeId: "vol-0", kept: [] }],
        others: [],
        inputs: { clusterName: "blue" },
        places: [{ region: "eu-west-1", account: "1" }],
        ...different,
    });
    const problems = (...live: V1PersistentVolume[]) =>
        persistentVolumeProblems(released(), new Map(live.map((one) => [String(one.metadata?.name), one])));

    it("are on the volumes that the state has, with reclaim policy Retain", () => {
        assert.deepEqual(problems(persistentVolume("data-0", "vol-0")), []);
    });

    it("are rejected when the cluster has another PersistentVolume, or none", () => {
        assert.match(problems().join(), /the cluster has no PersistentVolume data-0: check the context/);
        assert.match(
            problems(persistentVolume("data-0", "vol-9")).join(),
            /is on volume vol-9 in the cluster, and on vol-0 in the state/,
        );
    });

    it("are rejected when their deletion in the first cluster would delete the volume", () => {
        const one = persistentVolume("data-0", "vol-0");
        const spec = { ...one.spec, persistentVolumeReclaimPolicy: "Delete" };
        assert.match(problems({ ...one, spec }).join(), /has reclaim policy Delete, with which its deletion/);
    });

    it("are of one cluster, region and account", () => {
        assert.deepEqual(placeOf([released()], undefined), {
            cluster: "blue",
            region: "eu-west-1",
            account: "1",
        });
        const elsewhere = released({ places: [{ region: "eu-south-2", account: "1" }] });
        assert.throws(
            () => placeOf([released(), elsewhere], undefined),
            /in several regions, eu-west-1, eu-south-2: release them one by one/,
        );
        assert.throws(
            () => placeOf([released(), released({ inputs: { clusterName: "other" } })], undefined),
            /several clusters/,
        );
    });

    it("have the stack's region when they only use volumes, which the state doesn't have", () => {
        const only = released({ places: [] });
        assert.equal(placeOf([only], "eu-west-3").region, "eu-west-3");
        assert.throws(() => placeOf([only], undefined), /doesn't tell the region/);
    });
});
