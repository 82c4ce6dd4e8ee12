import assert from "node:assert/strict";
import { MoveFrom } from "../../components";
import { claimsToDelete, describeArgs, describeMoves, span } from "../../tools/moves/describe";
import { evacuation, movement, rebalancing, restoration } from "../../tools/moves/goal";
import { groupsOf } from "../../tools/moves/groups";
import { movesFor } from "../../tools/moves/plan";
import { disk, now, place, pod, worldOf } from "../support/fixtures/movableDisks";

const [a, b, c] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

describe("disks that stay together", () => {
    const shared = pod("db-0");

    it("are those of one pod", () => {
        const disks = [
            disk("data", 0, { pods: [shared] }),
            disk("logs", 0, { pods: [shared] }),
            disk("data", 1),
        ];
        assert.deepEqual(
            groupsOf(disks, () => undefined).map(({ name, disks: some }) => [
                name,
                some.map((one) => one.name),
            ]),
            [
                ["default/db-0", ["data-0", "logs-0"]],
                ["data-1", ["data-1"]],
            ],
        );
    });

    it("are those of pods that share a disk", () => {
        const [one, two] = [pod("one"), pod("two")];
        const disks = [
            disk("x", 0, { pods: [one] }),
            disk("x", 1, { pods: [two] }),
            disk("x", 2, { pods: [one, two] }),
        ];
        const groups = groupsOf(disks, () => undefined);
        assert.equal(groups.length, 1);
        assert.equal(groups[0]?.disks.length, 3);
    });

    it("are those of a pod of a set that doesn't exist now", () => {
        const disks = [
            disk("data", 0, { claim: "default/data-db-0" }),
            disk("logs", 0, { claim: "default/logs-db-0" }),
        ];
        const groups = groupsOf(disks, () => "default/db-0");
        assert.deepEqual(
            groups.map(({ name, disks: some }) => [name, some.length]),
            [["default/db-0", 2]],
        );
    });
});

describe("an evacuation", () => {
    it("goes evenly to the other zones, with new snapshots while the zone runs", () => {
        const world = worldOf([disk("web", 0), disk("web", 1), disk("web", 2, { zone: a }), disk("web", 3)]);
        const { moves, left } = plan(world, b);
        assert.deepEqual(left, []);
        const zones = moves.map(({ zone }) => zone);
        assert.deepEqual(zones.sort(), [a, c, c], "a has one already");
        moves.forEach(({ settings, snapshot }) => {
            assert.equal(settings.from, MoveFrom.NewSnapshot);
            assert.equal(snapshot, undefined);
        });
    });

    it("uses the newest snapshots if the zone has no ready node", () => {
        const world = worldOf([disk("web", 0)], [place("b", b, { isReady: false }), place("c", c)]);
        const [move] = plan(world, b).moves;
        assert.deepEqual([move?.settings, move?.snapshot?.id, move?.zone], [{ zone: c }, "snap-web0", c]);
    });

    it("leaves a pod's disks together if one has no snapshot, and says so", () => {
        const shared = { pods: [pod("db-0")] };
        const world = worldOf(
            [disk("data", 0, shared), disk("logs", 0, { ...shared, snapshots: [] }), disk("data", 1)],
            [place("c", c)],
        );
        const { moves, left } = plan(world, b);
        assert.deepEqual(
            moves.map((one) => one.disk.name),
            ["data-1"],
        );
        assert.deepEqual(left[0]?.disks, ["data-0", "logs-0"]);
        assert.deepEqual(left[0].pods, ["default/db-0"]);
        assert.match(left[0].reason, /^no snapshot of logs-0 \(vol-logs0\)/);
    });

    it("doesn't take a snapshot of a volume from before a move for the newest", () => {
        const old = { id: "snap-old", at: now, volumeId: "vol-old" };
        const world = worldOf([disk("web", 0, { snapshots: [old] })], [place("c", c)]);
        assert.match(plan(world, b).left[0]?.reason ?? "", /^no snapshot of web-0/);
    });

    it("warns if the disks of a pod would be from different moments", () => {
        const shared = { pods: [pod("db-0")] };
        const at = new Date("2026-11-26T10:00:00Z");
        const older = [{ id: "snap-1", at, volumeId: "vol-logs0" }];
        const world = worldOf(
            [disk("data", 0, shared), disk("logs", 0, { ...shared, snapshots: older })],
            [place("c", c)],
        );
        assert.match(
            plan(world, b).warnings[0] ?? "",
            /disks of default\/db-0 would not be from one moment: data-0 2026-11-26T11.*, logs-0 2026-11-26T10/,
        );
    });

    it("leaves disks for whose pods no zone has room", () => {
        const selector = { nodeSelector: { gpu: "yes" } };
        const world = worldOf([disk("web", 0, { pods: [pod("web-0", selector)] }), disk("web", 1)]);
        const { moves, left } = plan(world, b);
        assert.deepEqual(
            moves.map((one) => one.disk.name),
            ["web-1"],
        );
        assert.match(left[0]?.reason ?? "", /eu-west-1a: .*gpu/);
    });

    it("leaves disks with a problem, and those whose pods can't be ended", () => {
        const world = worldOf([disk("web", 0, { problem: "its volume is gone" }), disk("web", 1)]);
        const { moves, left } = movesFor(world, evacuation(world, b, {}), {}, ({ disks }) =>
            disks[0]?.ordinal === 1 ? "pod web-1 is of a DaemonSet" : undefined,
        );
        assert.deepEqual(moves, []);
        assert.deepEqual(
            left.map(({ reason }) => reason),
            ["web-0: its volume is gone", "pod web-1 is of a DaemonSet"],
        );
    });

    it("is refused for a zone that nobody knows, and to zones without nodes", () => {
        const world = worldOf([disk("web", 0)]);
        assert.throws(
            () => evacuation(world, "eu-west-1x", {}),
            /--zone must be a zone with disks or nodes \(eu-west-1a, eu-west-1b, eu-west-1c\), got "eu-west-1x"/,
        );
        assert.throws(
            () => evacuation(world, b, { to: [a, "mars"] }),
            /--to must be zones with nodes that take pods \(.*\), got "mars"/,
        );
    });

    it("goes to the zones that are asked for", () => {
        const world = worldOf([disk("web", 0), disk("web", 1)]);
        const { moves } = movesFor(world, evacuation(world, b, { to: [a] }), { to: [a] });
        assert.deepEqual(
            moves.map(({ zone }) => zone),
            [a, a],
        );
    });

    const plan = (world: ReturnType<typeof worldOf>, zone: string) =>
        movesFor(world, evacuation(world, zone, {}), {});
});

describe("a move by name", () => {
    it("takes all disks of the pod along", () => {
        const shared = { pods: [pod("db-0")] };
        const world = worldOf([disk("data", 0, shared), disk("logs", 0, shared), disk("data", 1)]);
        const wish = { to: [c] };
        const { moves } = movesFor(world, movement(world, ["data-0"], wish), wish);
        assert.deepEqual(
            moves.map((one) => [one.disk.name, one.zone]),
            [
                ["data-0", c],
                ["logs-0", c],
            ],
        );
    });

    it("is refused for disks that the stack doesn't have, all at once", () => {
        const world = worldOf([disk("web", 0)]);
        assert.throws(
            () => movement(world, ["web-0", "x", "y"], {}),
            /the stack has no disk x, y: give names of PersistentVolumes, such as web-0/,
        );
    });

    it("leaves a disk that is in the zone already", () => {
        const world = worldOf([disk("web", 0)]);
        const { moves, left } = movesFor(world, movement(world, ["web-0"], { to: [b] }), { to: [b] });
        assert.deepEqual(moves, []);
        assert.deepEqual(left[0]?.disks, ["web-0"]);
        assert.match(left[0].reason, /it is in eu-west-1b already/);
    });
});

describe("rebalancing", () => {
    it("moves the fewest disks", () => {
        const world = worldOf([0, 1, 2, 3].map((ordinal) => disk("web", ordinal)));
        const { moves } = movesFor(world, rebalancing(world, undefined, {}), { from: MoveFrom.NewSnapshot });
        assert.deepEqual(moves.map(({ zone }) => zone).sort(), [a, c]);
    });

    it("leaves other storages alone", () => {
        const disks = ["web", "data"].flatMap((storage) => [0, 1].map((ordinal) => disk(storage, ordinal)));
        const world = worldOf(disks);
        const { moves } = movesFor(world, rebalancing(world, ["data"], {}), {});
        assert.deepEqual(new Set(moves.map((one) => one.disk.storage)), new Set(["data"]));
        assert.throws(
            () => rebalancing(world, ["x"], {}),
            /--storage must be storages of the stack \(data, web\), got "x"/,
        );
    });
});

describe("restoring", () => {
    const times = ["09", "10", "11"].map((hour) => ({
        id: `snap-${hour}`,
        at: new Date(`2026-11-26T${hour}:00:00Z`),
        volumeId: hour === "09" ? "vol-before" : "vol-web0",
    }));
    const world = worldOf([disk("web", 0, { snapshots: [...times].reverse() }), disk("web", 1)]);
    const chosen = (at: string) => movesFor(world, restoration(world, ["web-0"], at), {});

    it("takes the newest snapshot before a time, also of a volume from before a move", () => {
        assert.deepEqual(chosen("2026-11-26T10:30Z").moves[0]?.settings, { snapshotId: "snap-10" });
        assert.deepEqual(chosen("2026-11-26T09:30Z").moves[0]?.settings, { snapshotId: "snap-09" });
        assert.equal(chosen("2026-11-26T09:30Z").moves[0]?.zone, b);
    });

    it("takes a snapshot by its id", () => {
        assert.deepEqual(chosen("snap-09").moves[0]?.settings, { snapshotId: "snap-09" });
    });

    it("leaves a disk that has none", () => {
        assert.match(chosen("2026-11-26T08:00Z").left[0]?.reason ?? "", /web-0 has no such snapshot/);
        assert.match(chosen("snap-0123").left[0]?.reason ?? "", /web-0 has no such snapshot/);
    });

    it("is refused for anything else", () => {
        ["yesterday", "11:00", ""].forEach((at) =>
            assert.throws(
                () => restoration(world, ["web-0"], at),
                /--at must be the id of a snapshot, or a time/,
            ),
        );
    });
});

describe("the words of a plan", () => {
    it("say what is lost", () => {
        const world = worldOf([disk("web", 0, { pods: [pod("web-0")] })], [place("c", c)]);
        const plan = movesFor(world, evacuation(world, b, {}), {});
        const [heading, , row] = describeMoves({ ...plan, workloads: [], lost: [] }, now);
        assert.deepEqual(heading, { heading: "1 disk to move" });
        assert.match(
            typeof row === "string" ? row : "",
            /web-0 +eu-west-1b +eu-west-1c +default\/web-0 +snap-web0 +what was written since 2026-11-26 11:00 UTC \(1 h 0 min\)/,
        );
    });

    it("have times in their two largest units", () => {
        const ago = (minutes: number) => span(new Date(now.getTime() - minutes * 60_000), now);
        assert.deepEqual([ago(5), ago(65), ago(1440 * 2 + 60)], ["5 min", "1 h 5 min", "2 d 1 h"]);
    });

    it("have the args of a program in code", () => {
        const world = worldOf([disk("web", 0)]);
        const { moves } = movesFor(world, evacuation(world, b, { to: [c] }), { to: [c] });
        assert.deepEqual(describeArgs(moves).slice(1), [
            "    web:",
            "        overrides:",
            '            "0":',
            "                moves:",
            "                    - zone: eu-west-1c",
            "                      from: NewSnapshot",
        ]);
    });

    it("name the claims that are deleted: not those that the stack creates", () => {
        const claimed = { claim: "default/x", hasClaim: true };
        assert.deepEqual(claimsToDelete([disk("web", 0, claimed)]), ["default/x"]);
        assert.deepEqual(claimsToDelete([disk("web", 0, { ...claimed, ownsClaim: true })]), []);
        assert.deepEqual(claimsToDelete([disk("web", 0, { ...claimed, hasClaim: false })]), []);
    });
});
