import assert from "node:assert/strict";
import { rebalanced } from "../../tools/nodes/rebalance";
import type { DiskCounts, PlacedGroup } from "../../tools/nodes/groups";
import { place, placed } from "../support/fixtures/places";
import { fc } from "../support/chance";

const zones = ["a", "b", "c"];
const roomy = zones.map((zone) => place(zone));
const inZone = (zone: string, ...disks: string[]) => disks.map((one) => placed(one, zone));

/** Disks by storage and zone. */
function countsOf(groups: readonly { group: PlacedGroup; zone: string }[]): Map<string, number[]> {
    const counts = new Map<string, number[]>();
    groups.forEach(({ group, zone }) =>
        group.disks.forEach(({ storage }) => {
            const numbers = counts.get(storage) ?? zones.map(() => 0);
            numbers[zones.indexOf(zone)]! += 1;
            counts.set(storage, numbers);
        }),
    );
    return counts;
}

/** Disks by which zones differ beyond one. */
function excessOf(counts: Map<string, number[]>): number {
    const each = [...counts.values()].map((all) => Math.max(0, Math.max(...all) - Math.min(...all) - 1));
    return each.reduce((sum, one) => sum + one, 0);
}

/** Where each group is after the moves. */
function after(groups: readonly PlacedGroup[], moves: ReturnType<typeof rebalanced>["moves"]) {
    return groups.map((group) => ({
        group,
        zone: moves.find((one) => one.group === group)?.zone ?? group.zone,
    }));
}

/** The least excess of all assignments, and the fewest moves to it. */
function bestOf(groups: readonly PlacedGroup[]): { excess: number; moves: number } {
    const assignments = groups.reduce<string[][]>(
        (all, _) => all.flatMap((some) => zones.map((zone) => [...some, zone])),
        [[]],
    );
    const results = assignments.map((assigned) => {
        const placedIn = groups.map((group, index) => ({ group, zone: assigned[index]! }));
        return {
            excess: excessOf(countsOf(placedIn)),
            moves: placedIn.filter(({ group, zone }) => group.zone !== zone).length,
        };
    });
    return results.sort((a, b) => a.excess - b.excess || a.moves - b.moves)[0]!;
}

describe("rebalancing", () => {
    it("moves nothing if storages are even", () => {
        const groups = [...inZone("a", "web-0", "web-1"), ...inZone("b", "web-2"), ...inZone("c", "web-3")];
        assert.deepEqual(rebalanced(groups, roomy, zones), { moves: [], uneven: new Map() });
    });

    it("moves disks from full zones to empty ones", () => {
        const groups = inZone("a", "web-0", "web-1", "web-2");
        const { moves, uneven } = rebalanced(groups, roomy, zones);
        assert.deepEqual(moves.map(({ zone }) => zone).sort(), ["b", "c"]);
        assert.equal(uneven.size, 0);
    });

    it("counts disks of no group", () => {
        const counts: DiskCounts = new Map([["web", new Map([["b", 3]])]]);
        const { moves } = rebalanced(inZone("a", "web-0", "web-1"), roomy, ["a", "b"], counts);
        assert.deepEqual(moves, []);
    });

    it("leaves groups in other zones where they are", () => {
        const groups = [...inZone("x", "web-0", "web-1", "web-2"), ...inZone("a", "web-3")];
        assert.deepEqual(rebalanced(groups, roomy, zones).moves, []);
    });

    it("moves all disks of a pod together, for several storages at once", () => {
        const groups = inZone("a", "web-0,logs-0", "web-1,logs-1", "web-2,logs-2");
        const { moves, uneven } = rebalanced(groups, roomy, zones);
        assert.equal(moves.length, 2);
        assert.equal(uneven.size, 0);
    });

    it("reports storages that stay uneven, since a pod's disks stay together", () => {
        const { moves, uneven } = rebalanced(inZone("a", "db-0,db-1"), roomy, zones);
        assert.deepEqual(moves, []);
        assert.deepEqual([...uneven], [["db", { a: 2, b: 0, c: 0 }]]);
    });

    it("doesn't move to zones without room", () => {
        const places = [place("a"), place("b", { freeSlots: 0 }), place("c", { freeSlots: 1 })];
        const { moves, uneven } = rebalanced(inZone("a", "web-0", "web-1", "web-2", "web-3"), places, zones);
        assert.deepEqual(
            moves.map(({ zone }) => zone),
            ["c"],
        );
        assert.deepEqual([...uneven], [["web", { a: 3, b: 0, c: 1 }]]);
    });

    it("makes room in one zone for a disk that fits no other", () => {
        const selector = (zone: string) => ({ nodeSelector: { "topology.kubernetes.io/zone": zone } });
        const groups = [
            placed("web-0", "a", { pod: selector("b") }),
            placed("web-1", "a", { pod: selector("b") }),
            ...inZone("b", "web-2"),
        ];
        const { moves, uneven } = rebalanced(groups, roomy, zones);
        assert.equal(uneven.size, 0);
        assert.equal(moves.length, 2);
    });

    const disks = fc.constantFrom("web-0", "logs-0", "web-0,logs-0", "web-0,web-1");
    const some = (maxLength: number) =>
        fc
            .array(fc.tuple(disks, fc.constantFrom(...zones)), { minLength: 1, maxLength })
            .map((all) => all.map(([one, zone]) => placed(one, zone)));

    it("makes the fewest moves that are possible, as trying all assignments shows", () => {
        fc.assert(
            fc.property(some(6), (groups) => {
                const { moves, uneven } = rebalanced(groups, roomy, zones);
                const best = bestOf(groups);
                const excess = excessOf(countsOf(after(groups, moves)));
                assert.deepEqual({ excess, moves: moves.length }, best);
                assert.equal(uneven.size > 0, excess > 0);
            }),
            { numRuns: 60 },
        );
    });

    it("makes the fewest moves for many pods with one disk, also without trying all assignments", () => {
        const single = fc.tuple(fc.constantFrom("web-0", "logs-0"), fc.constantFrom("a", "a", "a", "b", "c"));
        fc.assert(
            fc.property(fc.array(single, { minLength: 10, maxLength: 80 }), (all) => {
                const groups = all.map(([one, zone]) => placed(one, zone));
                const { moves } = rebalanced(groups, roomy, zones);
                assert.equal(excessOf(countsOf(after(groups, moves))), 0);
                const before = countsOf(groups.map((group) => ({ group, zone: group.zone })));
                const fewest = [...before.values()].map((numbers) => {
                    const mean = numbers.reduce((sum, one) => sum + one, 0) / zones.length;
                    const above = numbers.map((one) => Math.max(0, one - Math.ceil(mean)));
                    const below = numbers.map((one) => Math.max(0, Math.floor(mean) - one));
                    const sum = (list: number[]) => list.reduce((total, one) => total + one, 0);
                    return Math.max(sum(above), sum(below));
                });
                assert.equal(
                    moves.length,
                    fewest.reduce((total, one) => total + one, 0),
                );
            }),
            { numRuns: 60 },
        );
    });

    it("never gets worse, and ends, for many groups of all kinds", () => {
        fc.assert(
            fc.property(some(60), (groups) => {
                const before = excessOf(countsOf(groups.map((group) => ({ group, zone: group.zone }))));
                const { moves } = rebalanced(groups, roomy, zones);
                assert.ok(excessOf(countsOf(after(groups, moves))) <= before);
            }),
            { numRuns: 40 },
        );
    });
});
