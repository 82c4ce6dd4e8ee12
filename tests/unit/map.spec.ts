import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { buildMap } from "../../tools/map/build";
import { failureOf } from "../../tools/map/failure";
import { fitted, layout } from "../../tools/map/layout";
import type { MapData } from "../../tools/map/mapData";
import type { MapDisk } from "../../tools/map/model";
import { readOptions } from "../../tools/map/options";
import { page } from "../../tools/map/page";
import { picture } from "../../tools/map/svg";
import { zoneTable } from "../../tools/map/zoneTable";
import { age } from "../../tools/map/format";
import { snapshotLines, zoneSnapshots } from "../../tools/map/zoneSnapshots";
import { emptyStack, hostileMapData, manyDisks } from "../support/fixtures/mapData";
import { mapDataOf, statefulSet, volumeIdOf } from "../../scripts/docs/exampleMaps";
import type { DiskSpec } from "../../scripts/docs/exampleMaps";

const [b, c] = ["eu-west-1b", "eu-west-1c"];
const disk = (ordinal: number, zone: string, different: Partial<DiskSpec> = {}): DiskSpec => ({
    storage: "data",
    ordinal,
    zone,
    ...different,
});
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
                "ZONE         NODES   DISKS   CAPACITY   KEPT   PROBLEMS",
                "eu-west-1b   1       3       3 GiB      0      0",
                "eu-west-1c   2       2       2 GiB      0      0",
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

/** Tags with the names of their attributes, and whatever is between a `<` and a `>` that isn't one. */
const structure = (text: string) =>
    (text.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"<>]*"/g, "=").replace(/\s+/g, " "));

describe("page and picture of the map", () => {
    const drawings: [string, (data: MapData) => string][] = [
        ["page", (data) => page(buildMap(data))],
        ["picture", (data) => picture(buildMap(data))],
    ];

    drawings.forEach(([what, draw]) => {
        it(`escape hostile names: ${what}`, () => {
            const harmless = structure(draw(hostileMapData("-x")));
            assert.ok(harmless.length > 30);
            assert.deepEqual(structure(draw(hostileMapData())), harmless);
            const text = fc.oneof(
                fc.string({ unit: "binary" }),
                fc
                    .array(fc.constantFrom("<", ">", '"', "'", "&", "/", "`", "\n", "\ud800", "]]>", "--"))
                    .map((all) => all.join("")),
            );
            fc.assert(
                fc.property(text, (name) =>
                    assert.deepEqual(structure(draw(hostileMapData(`-${name}`))), harmless),
                ),
                { numRuns: 50 },
            );
        });

        it(`have no control characters, marks of direction or halves of characters: ${what}`, () => {
            const text = draw(hostileMapData("-\u202e\u2066\u0000\u001b[31m\u0085\ufffe\ud800"));
            assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Bidi_Control}|\p{Cs}|\ufffe/u);
        });

        it(`have no scripts or external addresses: ${what}`, () => {
            [statefulSet(), manyDisks(), emptyStack()].forEach((data) => {
                const text = draw(data).replace('xmlns="http://www.w3.org/2000/svg"', "");
                assert.doesNotMatch(
                    text,
                    /<script|\son\w+=|https?:|url\(|@import|<link|<img|<iframe| src=| href=/i,
                );
            });
        });
    });

    it("forbid scripts and network access by policy", () => {
        const text = page(buildMap(statefulSet()));
        const [, css = ""] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
        const hash = createHash("sha256").update(css).digest("base64");
        assert.ok(
            text.includes(
                `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
            ),
        );
    });

    it("need about 1 KB for a disk", () => {
        const sizes = [emptyStack(), manyDisks()].map((data) => page(buildMap(data)).length);
        assert.ok(sizes[0]! < 16_000 && sizes[1]! < 120_000, String(sizes));
        assert.ok(picture(buildMap(manyDisks())).length < 40_000);
    });

    it("are equal for equal data", () => {
        drawings.forEach(([, draw]) => assert.equal(draw(manyDisks()), draw(manyDisks())));
    });

    it("tell that a stack is empty", () => {
        drawings.forEach(([, draw]) => assert.match(draw(emptyStack()), /No disks yet|no disks/));
        const nothing = { ...emptyStack(), cluster: undefined };
        drawings.forEach(([, draw]) => assert.match(draw(nothing), /No disks yet/));
    });

    it("place disks without overlap, six zones side by side", () => {
        const { zones } = buildMap(manyDisks());
        const { width, height, zones: placed } = layout({ zones: [...zones, ...zones] });
        assert.equal(new Set(placed.map(({ x }) => x)).size, 6);
        assert.equal(new Set(placed.map(({ y }) => y)).size, 2);
        placed.forEach(({ x, y, height: own, rows }) => {
            assert.ok(x + 216 <= width && y + own <= height);
            rows.forEach((row, index) => assert.ok(index === 0 || row.y >= rows[index - 1]!.y + 30));
            assert.ok(rows.every((row) => row.y + 30 <= y + own));
        });
    });

    it("shorten long names but keep their ends", () => {
        assert.equal(fitted("web-0", 100, 12), "web-0");
        assert.match(fitted("postgres-production-replica-17", 120, 12), /^postgr.*….*-17$/);
        assert.match(fitted("x".repeat(300), 1, 12), /^x…x$/);
    });
});

describe("snapshots of a zone's disks", () => {
    const linesOf = (data: MapData, zone: string) =>
        snapshotLines(zoneSnapshots(buildMap(data), zone)).join("\n");
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
            `DISK      VOLUME                  USED BY            NEWEST SNAPSHOT          TAKEN
data-2    ${id(disks[2]!)}   shop/data-2        no snapshot
data-10   ${id(disks[1]!)}   shop/www-data-10   no snapshot
data-0    ${id(disks[0]!)}   shop/data-0        ${id(disks[0]!).replace("vol", "snap")}   2026-11-21 03:08 UTC
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
        assert.match(snapshotLines(found).at(-1)!, /^could not read snapshots/);
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
                snapshotLines(zoneSnapshots(map, name)).forEach((line) =>
                    assert.doesNotMatch(line, /[^\P{Cc}\n]|\p{Bidi_Control}/u),
                ),
            );
    });
});

describe("options of the map", () => {
    it("default to a page and a picture", () => {
        assert.deepEqual(readOptions([]), { outputs: ["zone-map.html", "zone-map.svg"], json: false });
        assert.deepEqual(readOptions(["--json"]), { outputs: [], json: true });
        const args = [
            "--state",
            "a.json",
            "--cluster",
            "c",
            "--output",
            "m.svg",
            "--output",
            "m.html",
            "--json",
        ];
        const outputs = ["m.svg", "m.html"];
        assert.deepEqual({ ...readOptions(args) }, { state: "a.json", cluster: "c", outputs, json: true });
    });

    it("write no file for a zone by default", () => {
        assert.deepEqual({ ...readOptions(["--zone", b]) }, { zone: b, outputs: [], json: false });
        assert.deepEqual(readOptions(["--zone", b, "--output", "m.svg"]).outputs, ["m.svg"]);
    });

    const mistakes: [string[], RegExp][] = [
        [["--output", "map.png"], /--output must end in \.html or \.svg, got "map\.png"/],
        [["--stack", "a", "--state", "b"], /--state can't be combined with --stack, got "b"/],
        [["--colour"], /Unknown option '--colour'/],
    ];
    mistakes.forEach(([args, message]) =>
        it(`are rejected with the usage: ${args.join(" ")}`, () => {
            assert.throws(() => readOptions(args), message);
            assert.throws(() => readOptions(args), /\nusage: npm run map -- /);
        }),
    );
});
