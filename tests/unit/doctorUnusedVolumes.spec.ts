import assert from "node:assert/strict";
import { unusedVolumeNotes } from "../../tools/doctor/unusedVolumes";
import {
    both,
    bothVolumes,
    inventoryWith,
    persistentVolume,
    state,
    volume,
} from "../support/fixtures/twoDisks";

describe("doctor: volumes that nothing uses", () => {
    // Volumes of the fixture are of 2026-11-20, 10:00.
    const now = new Date("2026-11-26T12:00:00Z");
    const old = { CreateTime: new Date("2026-01-01T00:00:00Z") };
    const notes = (different: Parameters<typeof inventoryWith>[0], at = now) =>
        unusedVolumeNotes(inventoryWith(different), at);

    it("are kept and left behind: each with size and age, the oldest first, and their sum", () => {
        const moved = state({ "data-1": "vol-a", "data-1-moved-1": "vol-1" }, { "data-1": "vol-1" });
        const volumes = [
            ...bothVolumes,
            volume("vol-a", "data-1"),
            volume("vol-left", "data-7", { ...old, Size: 2000 }),
        ];
        assert.deepEqual(notes({ volumes, state: moved }), [
            {
                what: "2 volumes that nothing uses cost money: 2,010 GiB in all",
                mend: [
                    "vol-left: 2,000 GiB, 329 days old, made for data-7",
                    "vol-a: 10 GiB, 6 days old, kept since data-1 was moved",
                ],
            },
        ]);
    });

    it("are disks that have waited for a claim for a week", () => {
        assert.deepEqual(notes({}), []);
        const [note] = notes({}, new Date("2026-11-27T10:00:00Z"));
        assert.deepEqual(note, {
            what: "2 volumes that nothing uses cost money: 20 GiB in all",
            mend: [
                "vol-0: 10 GiB, 7 days old, PersistentVolume data-0 is Available",
                "vol-1: 10 GiB, 7 days old, PersistentVolume data-1 is Available",
            ],
        });
        const released = persistentVolume("data-0", "vol-0", { status: { phase: "Released" } });
        const bound = persistentVolume("data-1", "vol-1", { status: { phase: "Bound" } });
        const volumes = [volume("vol-0", "data-0", old), volume("vol-1", "data-1", old)];
        assert.deepEqual(notes({ volumes, persistentVolumes: [released, bound] }), [
            {
                what: "1 volume that nothing uses costs money: 10 GiB in all",
                mend: ["vol-0: 10 GiB, 329 days old, PersistentVolume data-0 is Released"],
            },
        ]);
    });

    it("aren't those that are attached, and none is named if the account is probably another one", () => {
        const attached = { ...old, Attachments: [{ InstanceId: "i-1" }] };
        assert.deepEqual(notes({ volumes: [...bothVolumes, volume("vol-left", "data-7", attached)] }), []);
        assert.deepEqual(notes({ volumes: [volume("vol-left", "data-7", old)] }), []);
        assert.deepEqual(notes({ volumes: null }), []);
    });

    it("are summed up after twenty", () => {
        const many = Array.from({ length: 23 }, (_, index) => volume(`vol-x${index}`, `data-${index + 9}`));
        const [note] = notes({ persistentVolumes: both, volumes: [...bothVolumes, ...many] });
        assert.equal(note?.what, "23 volumes that nothing uses cost money: 230 GiB in all");
        assert.deepEqual([note.mend.length, note.mend.at(-1)], [21, "and 3 more"]);
    });
});
