import assert from "node:assert/strict";
import { buildMap } from "../../tools/map/build";
import { failureOf } from "../../tools/map/failure";
import type { MapData } from "../../tools/map/mapData";
import type { MapDisk } from "../../tools/map/model";
import { page } from "../../tools/map/page";
import { zoneTable } from "../../tools/map/zoneTable";
import { age, unlooked } from "../../tools/map/format";
import { problemCount } from "../../tools/map/notices";
import { disk } from "../support/fixtures/mapData";
import { mapDataOf, statefulSet, volumeIdOf } from "../../scripts/docs/exampleMaps";
import type { DiskSpec } from "../../scripts/docs/exampleMaps";

const [b, c] = ["eu-west-1b", "eu-west-1c"];
const disksOf = (data: MapData): MapDisk[] => buildMap(data).zones.flatMap((zone) => zone.disks);
const notices = (data: MapData) => buildMap(data).notices.map(({ what }) => what);

describe("the map", () => {
    it("shows every disk in its zone, with claim, pod and newest snapshot", () => {
        const { zones, stack, clusters, region, sources } = buildMap(statefulSet());
        assert.deepEqual([stack, clusters, region], ["dev", ["proyecto.k8s.local"], "eu-west-1"]);
        assert.ok(Object.values(sources).every(Boolean));
        assert.deepEqual(
            zones.map(({ name, nodes, disks }) => [name, nodes?.length, disks.map((one) => one.name)]),
            [
                [b, 1, ["web-0", "web-2", "web-4"]],
                [c, 2, ["web-1", "web-3"]],
            ],
        );
        const volumeId = volumeIdOf({ storage: "web", ordinal: 0, zone: b });
        assert.deepEqual(zones[0]?.disks[0], {
            name: "web-0",
            volumeId,
            storage: "web",
            sizeGiB: 1,
            type: "gp3",
            isEncrypted: true,
            deletionPolicy: "Retain",
            isProtected: true,
            movedTo: undefined,
            status: "Bound",
            claim: { name: "shop/www-web-0", isThere: true },
            pods: [{ name: "shop/web-0", phase: "Running", node: "ip-10-0-0-17.eu-west-1.compute.internal" }],
            snapshot: { id: volumeId.replace("vol", "snap"), at: "2026-11-21T03:08:00.000Z" },
            concerns: [],
        });
        assert.deepEqual(notices(statefulSet()), []);
    });

    it("shows the PersistentVolume's size without EC2 and without a state", () => {
        const { cluster, clusterNames, unseen, at } = mapDataOf([disk(0, b)], {});
        cluster!.persistentVolumes[0]!.spec!.capacity = { storage: "2Ti" };
        assert.equal(disksOf({ cluster, clusterNames, unseen, at })[0]?.sizeGiB, 2048);
    });

    it("shows the newest of several snapshots", () => {
        const { snapshots = [], ...data } = mapDataOf([disk(0, b, { snapshotAge: 500 })], { [b]: 1 });
        const [old] = snapshots;
        const newer = { ...old, SnapshotId: "snap-new", StartTime: new Date("2026-11-21T09:00:00Z") };
        [
            [newer, old!],
            [old!, newer],
        ].forEach((order) =>
            assert.equal(disksOf({ ...data, snapshots: order })[0]?.snapshot?.id, "snap-new"),
        );
    });

    ["Released", "Failed"].forEach((phase) =>
        it(`doesn't show a new claim of the same name on a ${phase} PersistentVolume`, () => {
            const { cluster, ...data } = mapDataOf([disk(0, b, { phase })], { [b]: 1 });
            const [persistentVolume] = cluster!.persistentVolumes;
            const { claimRef } = persistentVolume!.spec!;
            claimRef!.uid = "old";
            const { namespace, name } = claimRef!;
            const claims = [{ metadata: { namespace, name, uid: "new" } }];
            const [found] = disksOf({ ...data, cluster: { ...cluster!, claims } });
            assert.deepEqual(found?.claim, { name: `${namespace}/${name}`, isThere: false });
        }),
    );

    it("lists problems, the worst first", () => {
        const disks = [
            disk(0, b, { isGone: true }),
            disk(1, "eu-west-1a"),
            disk(2, c, { phase: "Released" }),
            disk(3, c, { phase: "Failed" }),
            disk(4, c),
            disk(5, c),
        ];
        assert.deepEqual(notices(mapDataOf(disks, { [b]: 1, [c]: 1 })), [
            "EC2 doesn't have the volume of data-0",
            "No ready, schedulable node is in eu-west-1a: pods of data-1 can't start",
            "PersistentVolume data-3 is Failed",
            "PersistentVolume data-2 is Released: the claim was deleted, and a new one of that name would wait",
            "Storage data is spread unevenly: 1 in eu-west-1a, 1 in eu-west-1b, 4 in eu-west-1c",
        ]);
    });

    it("counts problems as the doctor does, and names what was not looked at", () => {
        const zones = { [b]: 1, [c]: 1 };
        const some = buildMap(
            mapDataOf([disk(0, b, { isGone: true }), disk(1, b), disk(2, "eu-west-1a")], zones),
        );
        assert.deepEqual([problemCount(some), unlooked(some)], [2, []]);
        const gone = [disk(0, b, { isGone: true }), disk(10, c, { isGone: true })];
        const all = buildMap(mapDataOf(gone, zones));
        assert.equal(problemCount(all), 1);
        assert.match(
            all.notices[0]!.what,
            /^EC2 has none of the 2 volumes .*: most likely this is another account or region$/,
        );
        const { ec2: _, ...blind } = mapDataOf([disk(0, b)], zones);
        assert.deepEqual(unlooked(buildMap({ ...blind, elsewhere: ["us-east-1"] })), [
            "EC2",
            "volumes in us-east-1",
        ]);
    });

    it("counts the nodes that take pods, in the headline as in the zones", () => {
        const data = mapDataOf([disk(0, b)], { [b]: 2, [c]: 1 });
        data.cluster!.nodes![0]!.spec = { unschedulable: true };
        assert.match(page(buildMap(data)), /<dt>nodes<\/dt><dd>2<\/dd>/);
        assert.match(zoneTable(buildMap(data)), /\neu-west-1b +1 +25 +1 .*\neu-west-1c +1 +25 +0 /);
    });

    it("lists disks by storage and ordinal, those of no storage last", () => {
        const disks = [10, 2, 0].flatMap((ordinal) =>
            ["web", "data"].map((storage) => disk(ordinal, b, { storage })),
        );
        const { state, ...others } = mapDataOf(disks, { [b]: 1 });
        const volumes = state!.volumes.filter(({ name }) => name !== "data-2");
        assert.deepEqual(
            disksOf({ ...others, state: { ...state!, volumes } }).map(({ name }) => name),
            ["data-0", "data-10", "web-0", "web-2", "web-10", "data-2"],
        );
    });

    it("marks a storage as uneven when zones with nodes differ by two disks", () => {
        const isUneven = (disks: DiskSpec[]) =>
            buildMap(mapDataOf(disks, { [b]: 1, [c]: 1 })).storages.map((one) => one.isUneven);
        assert.deepEqual(isUneven([disk(0, b)]), [false]);
        assert.deepEqual(isUneven([disk(0, b), disk(1, b)]), [true]);
        assert.deepEqual(isUneven([disk(0, b), disk(1, b), disk(2, c)]), [false]);
    });

    it("shows kept volumes separately", () => {
        const { zones, notices: none } = buildMap(
            mapDataOf([disk(0, c), disk(0, "eu-west-1a", { isKept: true }), disk(1, b)], { [b]: 1, [c]: 1 }),
        );
        const [kept] = zones[0]!.disks;
        assert.deepEqual(
            [kept?.movedTo, kept?.status, kept?.concerns],
            [volumeIdOf(disk(0, c)), undefined, []],
        );
        assert.deepEqual(none, []);
        assert.equal(failureOf(zones[0]!).disks.length, 0);
    });

    it("shows the effect of a zone's failure, disks without a snapshot first", () => {
        const disks = [
            disk(0, b, { snapshotAge: 5 }),
            disk(1, b),
            disk(2, b, { phase: "Available" }),
            disk(3, c),
        ];
        const [zone] = buildMap(mapDataOf(disks, { [b]: 1, [c]: 1 })).zones;
        const failure = failureOf(zone!);
        assert.deepEqual(
            failure.disks.map(({ name }) => name),
            ["data-1", "data-2", "data-0"],
        );
        assert.deepEqual(
            [failure.claims, failure.pods],
            [
                ["shop/www-data-0", "shop/www-data-1"],
                ["shop/data-0", "shop/data-1"],
            ],
        );
        assert.equal(failure.otherPods, 1);
    });

    it("is drawn from the state alone, with the missing sources", () => {
        const { state } = statefulSet();
        const unseen = ["could not read the cluster of context none: connect ECONNREFUSED"];
        const map = buildMap({ state, clusterNames: [], unseen, at: new Date(0) });
        assert.deepEqual(
            map.zones.map(({ name, nodes, disks }) => [name, nodes, disks.map((one) => one.name)]),
            [
                [b, undefined, ["web-0", "web-2", "web-4"]],
                [c, undefined, ["web-1", "web-3"]],
            ],
        );
        assert.deepEqual(map.notices, []);
        assert.match(page(map), /Not on this map/);
        assert.match(page(map), /could not read the cluster of context none: connect ECONNREFUSED/);
    });

    it("is drawn from the cluster alone", () => {
        const { cluster, at } = statefulSet();
        const { zones } = buildMap({ cluster, clusterNames: [], unseen: [], at });
        assert.deepEqual(
            zones.map(({ name, disks }) => [name, disks.length]),
            [
                [b, 3],
                [c, 2],
            ],
        );
    });

    it("is a table in a terminal", () => {
        assert.equal(
            zoneTable(buildMap(statefulSet())),
            [
                "ZONE         NODES   FREE SLOTS   DISKS   CAPACITY   KEPT   WITH PROBLEMS",
                "eu-west-1b   1       22           3       3 GiB      0      0",
                "eu-west-1c   2       48           2       2 GiB      0      0",
            ].join("\n"),
        );
    });

    it("shows the age of a snapshot", () => {
        const now = "2026-11-21T10:48:00Z";
        const ages = [
            "2026-11-21T10:47:10Z",
            "2026-11-21T03:08:00Z",
            "2026-11-19T09:00:00Z",
            "2026-10-01T00:00:00Z",
        ];
        assert.deepEqual(
            ages.map((one) => age(one, now)),
            ["0 min old", "7 h 40 min old", "2 d 1 h old", "51 d old"],
        );
    });
});
