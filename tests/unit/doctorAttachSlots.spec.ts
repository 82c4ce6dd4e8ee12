import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { attachSlotFindings } from "../../tools/doctor/attachSlotFindings";
import { buildMap } from "../../tools/map/build";
import { slotsOf } from "../../tools/map/format";
import { problemCount } from "../../tools/map/notices";
import { page } from "../../tools/map/page";
import { mapDataOf } from "../../scripts/docs/exampleMaps";
import { disk } from "../support/fixtures/mapData";
import { inventoryWith, node, persistentVolume, zones } from "../support/fixtures/twoDisks";

describe("attach slots", () => {
    const named = (name: string, zone: string, different: Parameters<typeof node>[1] = {}) => {
        const made = node(zone, different);
        return { ...made, metadata: { ...made.metadata, name } };
    };
    const slots = (on: string, count: number, users: string[] = []) => ({ node: on, count, users });
    const disks = (count: number, zone = zones.b): V1PersistentVolume[] =>
        Array.from({ length: count }, (_, index) =>
            persistentVolume(`data-${index}`, `vol-${zone}${index}`, {}, zone),
        );
    const found = (
        persistentVolumes: V1PersistentVolume[],
        attachSlots: Parameters<typeof attachSlotFindings>[0]["attachSlots"],
        nodes = [named("b1", zones.b), named("b2", zones.b), named("c1", zones.c)],
    ) => attachSlotFindings({ ...inventoryWith({ persistentVolumes, nodes }), attachSlots });

    it("are enough for as many disks in the zone, whatever node they are on", () => {
        assert.deepEqual(found(disks(5), [slots("b1", 2, ["data-0"]), slots("b2", 3), slots("c1", 0)]), []);
    });

    it("are a problem for one disk more, with what helps", () => {
        assert.deepEqual(found(disks(6), [slots("b1", 2, ["data-0"]), slots("b2", 3), slots("c1", 9)]), [
            {
                what: "the nodes in eu-west-1b have 5 attach slots for 6 disks: if all are used, pods of 1 disk can't start",
                mend: [
                    "add nodes in eu-west-1b, or use instance types with more slots",
                    "or move disks to another zone: docs/evacuate.md",
                ],
            },
        ]);
    });

    it("are fewer by those that other volumes use", () => {
        const [one] = found(disks(4), [slots("b1", 2, ["pvc-1", "data-0"]), slots("b2", 3, ["pvc-2"])]);
        assert.equal(
            one?.what,
            "the nodes in eu-west-1b have 5 attach slots for 4 disks and 2 other volumes: if all are used, pods of 1 disk can't start",
        );
    });

    it("are of nodes that take pods, and of disks that aren't being deleted or provisioned", () => {
        const cordoned = [named("b1", zones.b), named("b2", zones.b, { spec: { unschedulable: true } })];
        const both = [slots("b1", 1), slots("b2", 9)];
        assert.equal(found(disks(2), both, cordoned).length, 1);
        const [first, second] = disks(2) as [V1PersistentVolume, V1PersistentVolume];
        const going = { ...second, metadata: { ...second.metadata, deletionTimestamp: new Date() } };
        const annotations = { "pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com" };
        const provisioned = { ...second, metadata: { ...second.metadata, annotations } };
        [going, provisioned].forEach((one) => assert.deepEqual(found([first, one], both, cordoned), []));
    });

    it("are nothing to judge by if those of one node aren't known", () => {
        assert.deepEqual(found(disks(9), [slots("b1", 2)]), []);
        assert.deepEqual(found(disks(9), undefined), []);
    });

    it("are on the map: a zone's used and free ones, and each node's", () => {
        const data = mapDataOf(
            Array.from({ length: 27 }, (_, ordinal) => disk(ordinal, zones.b)),
            { [zones.b]: 1, [zones.c]: 2 },
        );
        const map = buildMap(data);
        assert.deepEqual(map.zones.map(slotsOf), [
            { used: 27, free: 0 },
            { used: 0, free: 50 },
        ]);
        assert.match(page(map), /1 node, attach slots: 27 used, 0 free<.*>m7g\.large, 0 free</s);
        assert.deepEqual(
            map.notices.filter(({ kind }) => kind === "attachSlots").map(({ what }) => what),
            [
                "the nodes in eu-west-1b have 25 attach slots for 27 disks: if all are used, pods of 2 disks can't start",
            ],
        );
        assert.equal(problemCount(map), 1);
        const { attachSlots: _, ...blind } = data;
        assert.deepEqual(buildMap(blind).zones.map(slotsOf), [undefined, undefined]);
    });
});
