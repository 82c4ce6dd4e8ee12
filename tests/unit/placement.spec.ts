import assert from "node:assert/strict";
import { byNodeCount, sortedUnique, zoneForOrdinal } from "../../components/plan/zoneChoice";
import { fc } from "../support/chance";

const zone = fc.integer({ min: 0, max: 25 }).map((letter) => `eu-west-1${String.fromCharCode(97 + letter)}`);
const zones = fc.uniqueArray(zone, { minLength: 1, maxLength: 8 });
const nodes = fc.dictionary(zone, fc.integer({ min: 0, max: 60 }), { minKeys: 1, maxKeys: 8 });
const someNodes = nodes.filter((counts) => Object.values(counts).some((count) => count > 0));
const ordinal = fc.nat(9_999);

/** The same entries in another order. */
const shuffled = <T>(list: readonly T[], random: fc.Stream<number>): T[] =>
    list
        .map((one) => ({ one, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);

const numberOf = (list: readonly string[], wanted: string) => list.filter((one) => one === wanted).length;

describe("zone of an ordinal", () => {
    it("repeats the turn", () => {
        const taken = [0, 1, 2, 3, 10_000].map((one) => zoneForOrdinal(["c", "a", "b"], one));
        assert.deepEqual(taken, ["c", "a", "b", "c", "a"]);
    });

    it("throws without zones", () => {
        assert.throws(() => zoneForOrdinal([], 0), new RangeError("there must be at least one zone"));
    });
});

describe("placement by round robin", () => {
    it("uses the sorted zones in turn", () => {
        const turn = sortedUnique(["eu-west-1c", "eu-west-1b"]);
        const taken = [1, 2, 3].map((one) => zoneForOrdinal(turn, one));
        assert.deepEqual(taken, ["eu-west-1c", "eu-west-1b", "eu-west-1c"]);
    });

    it("does not depend on the order of the zones, nor on how often each is named", () => {
        fc.assert(
            fc.property(zones, fc.infiniteStream(fc.nat()), (set, random) => {
                assert.deepEqual(sortedUnique(shuffled([...set, ...set], random)), sortedUnique(set));
            }),
        );
    });

    it("spreads the ordinals over all zones, with a difference of at most one", () => {
        fc.assert(
            fc.property(zones, fc.nat(1_000), fc.integer({ min: 1, max: 200 }), (set, start, count) => {
                const turn = sortedUnique(set);
                const taken = Array.from({ length: count }, (_, one) => zoneForOrdinal(turn, start + one));
                const volumes = set.map((name) => numberOf(taken, name));
                assert.ok(Math.max(...volumes) - Math.min(...volumes) <= 1, String(volumes));
            }),
        );
    });

    it("keeps that difference while a set shrinks and grows, as long as the zones stay the same", () => {
        const counts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 2, maxLength: 10 });
        fc.assert(
            fc.property(
                zones,
                fc.nat(1_000),
                counts,
                fc.infiniteStream(fc.nat()),
                (set, start, sizes, random) => {
                    let disks = new Map<number, string>();
                    sizes.forEach((size) => {
                        const turn = sortedUnique(shuffled(set, random));
                        const ordinals = Array.from({ length: size }, (_, one) => start + one);
                        // A disk that exists stays in its zone.
                        disks = new Map(
                            ordinals.map((one) => [one, disks.get(one) ?? zoneForOrdinal(turn, one)]),
                        );
                        const volumes = set.map((name) => numberOf([...disks.values()], name));
                        assert.ok(Math.max(...volumes) - Math.min(...volumes) <= 1, String(volumes));
                    });
                },
            ),
        );
    });
});

describe("placement by number of nodes", () => {
    // The table of docs/nodes.md.
    const table: [Record<string, number>, string[]][] = [
        [{ a: 1, b: 1, c: 1 }, ["a", "b", "c"]],
        [{ a: 2, b: 1 }, ["a", "b", "a"]],
        [{ a: 1, b: 3 }, ["b", "a", "b", "b"]],
        [{ a: 1, b: 0, c: 2 }, ["c", "a", "c"]],
        [{ a: 4, b: 2 }, ["a", "b", "a", "a", "b", "a"]],
        [{ a: 5, b: 1, c: 1 }, ["a", "a", "a", "b", "c", "a", "a"]],
    ];
    table.forEach(([counts, turn]) =>
        it(`is ${turn.join(" ")} for ${JSON.stringify(counts)}`, () => {
            assert.deepEqual(byNodeCount(counts), turn);
        }),
    );

    it("uses each zone once for each of its nodes", () => {
        fc.assert(
            fc.property(nodes, (counts) => {
                const turn = byNodeCount(counts);
                Object.entries(counts).forEach(([name, count]) => assert.equal(numberOf(turn, name), count));
            }),
        );
    });

    it("is proportional at any point", () => {
        fc.assert(
            fc.property(someNodes, ordinal, (counts, last) => {
                const turn = byNodeCount(counts);
                const volumes = turn.slice(0, 1 + (last % turn.length));
                const had = (name: string) => numberOf(volumes, name);
                Object.keys(counts).forEach((got) =>
                    Object.keys(counts).forEach((other) => {
                        if (had(got) > 0 && counts[other]! > 0) {
                            const latest = (2 * had(got) - 1) * counts[other]!;
                            assert.ok(latest <= (2 * had(other) + 1) * counts[got]!, String(volumes));
                        }
                    }),
                );
            }),
        );
    });

    it("does not depend on the order of the zones, nor on counts beyond their proportion", () => {
        fc.assert(
            fc.property(
                someNodes,
                fc.integer({ min: 2, max: 5 }),
                ordinal,
                fc.infiniteStream(fc.nat()),
                (counts, factor, one, random) => {
                    const more = Object.entries(counts).map(([name, count]): [string, number] => [
                        name,
                        factor * count,
                    ]);
                    const scaled = byNodeCount(Object.fromEntries(shuffled(more, random)));
                    assert.equal(zoneForOrdinal(scaled, one), zoneForOrdinal(byNodeCount(counts), one));
                },
            ),
        );
    });

    it("is round robin over zones with equally many nodes", () => {
        fc.assert(
            fc.property(zones, fc.integer({ min: 1, max: 60 }), ordinal, (set, count, one) => {
                const turn = byNodeCount(Object.fromEntries(set.map((name) => [name, count])));
                assert.equal(zoneForOrdinal(turn, one), zoneForOrdinal(sortedUnique(set), one));
            }),
        );
    });

    it("is fast for 5,000 nodes", () => {
        const started = performance.now();
        assert.equal(byNodeCount({ a: 2_000, b: 1_500, c: 1_500 }).length, 5_000);
        assert.ok(performance.now() - started < 500);
    });
});
