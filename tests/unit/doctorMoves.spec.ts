import assert from "node:assert/strict";
import { findings } from "../../tools/doctor/findings";
import { keptVolumeNotes } from "../../tools/doctor/keptVolumes";
import type { Finding } from "../../tools/doctor/finding";
import { ordinalOf } from "../../tools/inspect/state";
import { allInState, both, bothVolumes, inventoryWith, state, volume } from "../support/fixtures/twoDisks";

describe("doctor: moved disks", () => {
    const inState = state(
        { "data-0": "vol-0", "data-1": "vol-a", "data-1-moved-1": "vol-b", "data-1-moved-2": "vol-1" },
        { "data-0": "vol-0", "data-1": "vol-1" },
    );
    const kept = [volume("vol-a", "data-1"), volume("vol-b", "data-1")];
    const moved = (different: Parameters<typeof inventoryWith>[0] = {}) =>
        inventoryWith({ volumes: [...bothVolumes, ...kept], state: inState, ...different });
    const noteOf = (id: string, name: string, to: string, move: number): Finding => ({
        what: `volume ${id} (${name} in the state) is kept since its disk was moved to ${to}`,
        mend: [`to let go of it: previous: Release in overrides.1.moves.${move} of storage data`],
    });
    const notesOfBoth = [
        noteOf("vol-a", "data-1", "vol-b", 0),
        noteOf("vol-b", "data-1-moved-1", "vol-1", 1),
    ];

    it("notes the former volume as kept", () => {
        assert.deepEqual(findings(moved()), []);
        assert.deepEqual(keptVolumeNotes(moved()), notesOfBoth);
        assert.deepEqual(keptVolumeNotes(moved({ volumes: null })), notesOfBoth);
        assert.deepEqual(keptVolumeNotes(moved({ clusterNames: ["otro.k8s.local"] })), []);
        assert.deepEqual(keptVolumeNotes(inventoryWith({ state: allInState })), []);
        assert.deepEqual(keptVolumeNotes(inventoryWith({})), []);
    });

    it("replaces a missing PersistentVolume of the current volume only", () => {
        const [found, ...others] = findings(moved({ persistentVolumes: [both[0]!] }));
        assert.match(found!.what, /^volume vol-1 \(data-1-moved-2 in the state\) has no PersistentVolume/);
        assert.deepEqual(others, []);
    });

    it("asks to release a kept volume that is not in EC2", () => {
        const seenWithout = moved({ volumes: [...bothVolumes, kept[1]!] });
        assert.deepEqual(findings(seenWithout), [
            {
                what: "volume vol-a (data-1 in the state) isn't in EC2 in eu-west-1: a pulumi up after a refresh would make an EMPTY one in its place",
                mend: [
                    "first set previous: Release in overrides.1.moves.0 of storage data, and only then",
                    "pulumi refresh",
                    "pulumi up",
                ],
            },
        ]);
        assert.deepEqual(keptVolumeNotes(seenWithout), notesOfBoth.slice(1));
    });

    it("restores the current volume by another move", () => {
        const [found] = findings(moved({ volumes: [bothVolumes[0]!, ...kept] }));
        assert.equal(
            found!.mend[1],
            "restore first: add a move with its last snapshot, its zone and previous: Release to overrides.1.moves of storage data, set overrides.1.lostVolumeId to vol-1, and only then",
        );
    });

    it("recognizes a volume that a move has released", () => {
        const volumes = [...bothVolumes, volume("vol-a", "data-1")];
        const released = state({ "data-0": "vol-0", "data-1-moved-1": "vol-1" }, { "data-1": "vol-1" });
        const [found, ...others] = findings(inventoryWith({ volumes, state: released }));
        assert.match(found!.what, /data-1 has volume vol-1, and its disk was moved, so most likely a move/);
        assert.deepEqual(others, []);
    });

    it("reads the ordinal in each of the disk's volume names", () => {
        const names = ["data-2", "data-2-moved-1", "a-1-data-12-moved-10", "data-moved-3", "data"];
        assert.deepEqual(names.map(ordinalOf), [2, 2, 12, 3, undefined]);
    });
});
