import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { foreignDisk, setsThatWouldWait } from "../../tools/moves/held";
import type { Workload } from "../../tools/workloads/workload";
import { disk, place, pod, worldOf } from "../support/fixtures/movableDisks";

const [b, c] = ["eu-west-1b", "eu-west-1c"];

describe("disks that are held by their pods' other disks", () => {
    const claims = ["data", "foreign"].map((claimName) => ({
        name: claimName,
        persistentVolumeClaim: { claimName },
    }));
    const disks = [disk("data", 0, { pods: [pod("db-0", { volumes: claims })] })];
    const foreign = (...zones: string[]): V1PersistentVolume => ({
        metadata: { name: "other" },
        spec: {
            claimRef: { namespace: "default", name: "foreign" },
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        {
                            matchExpressions: [
                                { key: "topology.kubernetes.io/zone", operator: "In", values: zones },
                            ],
                        },
                    ],
                },
            },
        },
    });
    const reason = (candidates: string[] | undefined, one: V1PersistentVolume, own = disks) =>
        foreignDisk(
            { name: "default/db-0", disks },
            { ...(candidates && { candidates }) },
            { persistentVolumes: [one] },
            own,
        );

    it("stay if one isn't the stack's, and is only in their zone", () => {
        assert.match(
            reason([c], foreign(b)) ?? "",
            /uses PersistentVolume other, too, .* stays in eu-west-1b/,
        );
    });

    it("move where that one is as well, or if it is in no zone or moves, too", () => {
        assert.equal(reason([c], foreign(b, c)), undefined);
        assert.equal(
            reason([c], { ...foreign(b), spec: { claimRef: foreign(b).spec!.claimRef } }),
            undefined,
        );
        assert.equal(reason([c], foreign(b), [...disks, disk("x", 0, { name: "other" })]), undefined);
    });

    it("get a snapshot's data in their zone", () => {
        assert.equal(reason(undefined, foreign(b)), undefined);
    });
});

describe("StatefulSets that would wait for a pod", () => {
    const [web, stuck, other] = [1, 0, 2].map((ordinal) =>
        disk("web", ordinal, {
            claim: `default/www-web-${ordinal}`,
            pods: [pod(`web-${ordinal}`)],
            zone: ordinal === 1 ? c : b,
        }),
    );
    const places = [place("c", c), place("b", b, { isReady: false })];
    const set: Workload = {
        kind: "StatefulSet",
        namespace: "default",
        name: "web",
        pods: [],
        managers: [],
        notes: [],
        startsInTurn: true,
    };
    const waiting = (
        moved: (typeof web)[],
        different: Partial<Workload> = {},
        disks = [stuck!, web!, other!],
    ) =>
        [
            ...setsThatWouldWait(worldOf(disks, places), new Set(moved.flatMap((one) => one ?? [])), [
                { ...set, ...different },
            ]).values(),
        ][0];

    it("are named with the pod and those after it", () => {
        assert.match(
            waiting([other]) ?? "",
            /StatefulSet default\/web starts its pods in turn: default\/web-1, default\/web-2 would wait for default\/web-0, whose disk stays in eu-west-1b/,
        );
    });

    it("are none if the disk moves, too, if no pod comes after it, or if all pods start at once", () => {
        assert.equal(waiting([other, stuck]), undefined);
        assert.equal(waiting([stuck]), undefined);
        assert.equal(waiting([other], { startsInTurn: false }), undefined);
    });
});
