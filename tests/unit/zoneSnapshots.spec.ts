import assert from "node:assert/strict";
import { buildMap } from "../../tools/map/build";
import type { MapData } from "../../tools/map/mapData";
import type { ZoneMap } from "../../tools/map/model";
import { snapshotLines, zoneSnapshots } from "../../tools/map/zoneSnapshots";
import { disk, emptyStack, hostileMapData } from "../support/fixtures/mapData";
import { mapDataOf, statefulSet, volumeIdOf } from "../../scripts/docs/exampleMaps";
import type { DiskSpec } from "../../scripts/docs/exampleMaps";

const [b, c] = ["eu-west-1b", "eu-west-1c"];

describe("snapshots of a zone's disks", () => {
    const allLines = (map: ZoneMap, zone: string) => {
        const { lines, verdict } = snapshotLines(zoneSnapshots(map, zone));
        return [...lines, verdict];
    };
    const linesOf = (data: MapData, zone: string) => allLines(buildMap(data), zone).join("\n");
    const id = (one: DiskSpec) => volumeIdOf(one);

    it("list disks without a snapshot first", () => {
        const disks = [
            disk(0, b, { snapshotAge: 460 }),
            disk(10, b, { phase: "Available" }),
            disk(2, b),
            disk(3, c),
            disk(0, b, { isKept: true }),
        ];
        assert.equal(
            linesOf(mapDataOf(disks, { [b]: 1, [c]: 1 }), b),
            `DISK      VOLUME                  USED BY                                 NEWEST SNAPSHOT          TAKEN
data-2    ${id(disks[2]!)}   shop/data-2                             no snapshot
data-10   ${id(disks[1]!)}   nobody, reserved for shop/www-data-10   no snapshot
data-0    ${id(disks[0]!)}   shop/data-0                             ${id(disks[0]!).replace("vol", "snap")}   2026-11-21 03:08 UTC
2 disks of 3 in eu-west-1b without a snapshot: data-2, data-10`,
        );
    });

    it("report success when every disk has one", () => {
        assert.match(
            linesOf(mapDataOf([disk(0, b, { snapshotAge: 1 })], { [b]: 1 }), b),
            /\nevery disk of eu-west-1b has a snapshot$/,
        );
        assert.equal(linesOf(emptyStack(), b), "no disks in eu-west-1b");
    });

    it("report unknown snapshots and unknown zones", () => {
        const { snapshots: _, ...blind } = statefulSet();
        const found = zoneSnapshots(buildMap(blind), b);
        assert.deepEqual([found.disks.length, found.withoutSnapshot], [3, undefined]);
        assert.match(snapshotLines(found).verdict, /^could not read snapshots/);
        const lines = linesOf(mapDataOf([disk(0, b, { snapshotAge: 1 }), disk(1, "")], { [b]: 1 }), b);
        assert.match(lines, /\nzone unknown: data-1\n/);
    });

    it("include volumes that are not in EC2", () => {
        const lines = linesOf(mapDataOf([disk(0, b, { snapshotAge: 1, isGone: true })], { [b]: 1 }), b);
        assert.match(lines, /\nevery disk of eu-west-1b has a snapshot$/);
    });

    it("reject an unknown zone", () => {
        ["eu-west-1d", "", "\u001b[2J"].forEach((zone) =>
            assert.throws(
                () => zoneSnapshots(buildMap(statefulSet()), zone),
                ({ message }: Error) =>
                    message.startsWith(
                        "--zone must be a zone with disks or nodes (eu-west-1b, eu-west-1c), got ",
                    ) && !/\p{Cc}/u.test(message),
            ),
        );
    });

    it("have no control characters", () => {
        const map = buildMap(hostileMapData());
        map.zones
            .filter(({ name }) => name !== "")
            .forEach(({ name }) =>
                allLines(map, name).forEach((line) =>
                    assert.doesNotMatch(line, /[^\P{Cc}\n]|\p{Bidi_Control}/u),
                ),
            );
    });
});
