import assert from "node:assert/strict";
import type { Choice } from "../../tools/nodes/room";
import { chooseZones } from "../../tools/nodes/room";
import { group, place } from "../support/fixtures/places";
import { fc } from "../support/chance";

const zones = ["a", "b", "c"];
const chosen = (choices: readonly Choice[]) =>
    Object.fromEntries(
        choices.map((one) => [one.group.id, "zone" in one ? one.zone : `no room: ${one.reason}`]),
    );
const web = (count: number) => Array.from({ length: count }, (_, ordinal) => group(`web-${ordinal}`));

describe("choice of zones", () => {
    it("spreads a storage evenly, with the disks that stay", () => {
        const counts = new Map([["web", new Map([["b", 2]])]]);
        const places = [place("b"), place("c")];
        assert.deepEqual(chosen(chooseZones(web(4), places, ["b", "c"], counts)), {
            "web-0": "c",
            "web-1": "c",
            "web-2": "b",
            "web-3": "c",
        });
    });

    it("prefers the zone with more free slots if both have as many disks", () => {
        const places = [place("b", { freeSlots: 3 }), place("c", { freeSlots: 9 })];
        assert.deepEqual(chosen(chooseZones(web(1), places, ["b", "c"], new Map())), { "web-0": "c" });
    });

    it("keeps all disks of a group in one zone, on one node", () => {
        const places = [
            place("b", { name: "b1", freeSlots: 1 }),
            place("b", { name: "b2", freeSlots: 1 }),
            place("c", { freeSlots: 2 }),
        ];
        assert.deepEqual(chosen(chooseZones([group("web-0,logs-0")], places, ["b", "c"], new Map())), {
            "web-0,logs-0": "c",
        });
    });

    it("lets the largest group choose first", () => {
        const places = [place("b", { freeSlots: 2 }), place("c", { freeSlots: 1 })];
        const groups = [group("web-0"), group("db-0,db-1")];
        assert.deepEqual(chosen(chooseZones(groups, places, ["b", "c"], new Map())), {
            "web-0": "c",
            "db-0,db-1": "b",
        });
    });

    it("lets a group with one zone choose before one with two", () => {
        const places = [place("b", { freeSlots: 1 }), place("c", { freeSlots: 1 })];
        const bound = group("web-1", { pod: { nodeSelector: { "topology.kubernetes.io/zone": "b" } } });
        assert.deepEqual(chosen(chooseZones([group("web-0"), bound], places, ["b", "c"], new Map())), {
            "web-0": "c",
            "web-1": "b",
        });
    });

    it("uses only zones of the group's storages", () => {
        const groups = [group("web-0", { zones: ["c"] }), group("web-1", { zones: ["x"] })];
        assert.deepEqual(
            chosen(
                chooseZones(
                    groups,
                    zones.map((zone) => place(zone)),
                    zones,
                    new Map(),
                ),
            ),
            {
                "web-0": "c",
                "web-1": "no room: none of the zones is one of its storage's",
            },
        );
    });

    it("says for each zone why it has no room", () => {
        const places = [
            place("b", { isReady: false }),
            place("c", { name: "c1", freeSlots: 1 }),
            place("c", { name: "c2", taints: [{ key: "gpu", effect: "NoSchedule" }] }),
        ];
        assert.deepEqual(chosen(chooseZones([group("web-0,web-1")], places, zones, new Map())), {
            "web-0,web-1":
                "no room: a: no node; b: no ready node (1 node not ready or cordoned); c: needs 2 free attach slots on one node, at most 1 left on 1 fitting node, c2: the pod doesn't tolerate its taint gpu:NoSchedule",
        });
    });

    it("gives disks without a pod a zone with a node that takes any pod, whatever its slots", () => {
        const taints = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }];
        const places = [place("b", { taints }), place("c", { freeSlots: 0 })];
        const alone = group("web-0", { pod: undefined });
        assert.deepEqual(chosen(chooseZones([alone], places, zones, new Map())), { "web-0": "c" });
    });

    it("never takes more slots than there are, and refuses only what no node had room for at that moment", () => {
        const input = fc.record({
            slots: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
            sizes: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 }),
        });
        fc.assert(
            fc.property(input, ({ slots, sizes }) => {
                const places = zones.map((zone, index) => place(zone, { freeSlots: slots[index] }));
                const groups = sizes.map((size, index) =>
                    group(Array.from({ length: size }, (_, one) => `s${index}-${one}`).join()),
                );
                const choices = chooseZones(groups, places, zones, new Map());
                assert.deepEqual(
                    choices.map((one) => one.group),
                    groups,
                );
                const left = new Map(zones.map((zone, index) => [zone, slots[index]!]));
                choices.forEach((one) => {
                    if ("zone" in one) {
                        left.set(one.zone, left.get(one.zone)! - one.group.disks.length);
                    }
                });
                assert.ok([...left.values()].every((count) => count >= 0));
                choices
                    .filter((one) => "reason" in one)
                    .forEach((one) =>
                        assert.ok([...left.values()].every((count) => count < one.group.disks.length)),
                    );
            }),
        );
    });

    it("differs by at most one disk if all zones have room", () => {
        fc.assert(
            fc.property(fc.nat(40), fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }), (count, stay) => {
                const counts = new Map([["web", new Map(zones.map((zone, index) => [zone, stay[index]!]))]]);
                const after = new Map(counts.get("web"));
                const places = zones.map((zone) => place(zone));
                chooseZones(web(count), places, zones, counts).forEach((one) => {
                    assert.ok("zone" in one);
                    after.set(one.zone, after.get(one.zone)! + 1);
                });
                const [most, least] = [Math.max(...after.values()), Math.min(...after.values())];
                assert.ok(most - least <= 1 || most === Math.max(...stay), [...after.values()].join());
            }),
        );
    });
});
