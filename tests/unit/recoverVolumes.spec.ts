import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { earliestCreation } from "../../tools/recover/recoverState";
import { leftVolumes } from "../../tools/recover/leftVolumes";
import type { VolumeFacts } from "../../tools/recover/leftVolumes";
import { create, preview, storage, tags } from "../support/fixtures/interruptedUpdate";

describe("unrecorded volumes of an interrupted update", () => {
    const since = new Date("2026-11-24T10:00:00Z");
    const volume = (id: string, different: Partial<Volume> = {}): Volume => ({
        VolumeId: id,
        State: "available",
        Size: 10,
        AvailabilityZone: "eu-west-1b",
        Encrypted: true,
        SnapshotId: "",
        CreateTime: new Date("2026-11-24T11:00:00Z"),
        Tags: Object.entries(tags(0)).map(([Key, Value]) => ({ Key, Value })),
        ...different,
    });
    const sort = (volumes: readonly Volume[], different: Partial<VolumeFacts> = {}) => {
        const { takenBack, listed } = leftVolumes({
            interrupted: preview(create(0)).volumes,
            planned: preview(create(0)).volumes,
            volumes,
            used: new Set(),
            urns: new Set([storage]),
            since,
            ...different,
        });
        return {
            back: takenBack.map(({ volumeId }) => volumeId),
            listed: listed.map(({ volumeId, why }) => `${volumeId}: ${why}`),
        };
    };

    it("are imported when the program would create an equal one", () => {
        assert.deepEqual(sort([volume("vol-1")]), { back: ["vol-1"], listed: [] });
        const smaller = sort([volume("vol-1", { Size: 5 })]);
        assert.deepEqual(smaller.back, ["vol-1"], "it grows to what the program asks for");
    });

    it("are ignored when they may hold data", () => {
        const nothing = { back: [], listed: [] };
        assert.deepEqual(sort([volume("vol-1", { CreateTime: new Date("2026-11-24T09:00:00Z") })]), nothing);
        assert.deepEqual(sort([volume("vol-1")], { used: new Set(["vol-1"]) }), nothing);
        assert.deepEqual(sort([volume("vol-1")], { interrupted: [] }), nothing);
        const Tags = [{ Key: "kubernetes.io/created-for/pv/name", Value: "data-0" }];
        assert.deepEqual(sort([volume("vol-1", { Tags })]), nothing);
    });

    const unlike: [string, Partial<Volume>, RegExp][] = [
        [
            "another zone",
            { AvailabilityZone: "eu-west-1c" },
            /it is in eu-west-1c, and the program asks for eu-west-1b/,
        ],
        ["a larger size", { Size: 20 }, /it has 20 GiB, and the program asks for 10/],
        ["another encryption", { Encrypted: false }, /another encryption/],
        ["another origin", { SnapshotId: "snap-1" }, /another snapshot/],
        ["an instance", { State: "in-use", Attachments: [{ InstanceId: "i-1" }] }, /it is in-use/],
    ];
    unlike.forEach(([what, different, why]) =>
        it(`are listed when they have ${what}`, () => {
            const { back, listed } = sort([volume("vol-1", different)]);
            assert.deepEqual([back, listed.length], [[], 1]);
            assert.match(listed[0]!, why);
        }),
    );

    it("are imported as copies when the program would copy the same volume", () => {
        const copies = preview(create(0, { availabilityZone: undefined, sourceVolumeId: "vol-9" })).volumes;
        const goals = { interrupted: copies, planned: copies };
        const inZone = { AvailabilityZone: "eu-west-1c", SourceVolumeId: "vol-9" };
        assert.deepEqual(sort([volume("vol-1", inZone)], goals).back, ["vol-1"]);
        const [other] = sort([volume("vol-1", { ...inZone, SourceVolumeId: "vol-8" })], goals).listed;
        assert.equal(other, "vol-1: the program asks for a copy of another volume");
        assert.match(sort([volume("vol-1", inZone)]).listed[0]!, /a copy of another volume/);
    });

    it("are listed when the program or the state no longer has them", () => {
        assert.match(sort([volume("vol-1")], { planned: [] }).listed[0]!, /makes no volume of its name/);
        assert.match(sort([volume("vol-1")], { urns: new Set() }).listed[0]!, /doesn't have the storage/);
    });

    it("are imported newest first", () => {
        const older = volume("vol-1", { CreateTime: new Date("2026-11-24T10:30:00Z") });
        const { back, listed } = sort([older, volume("vol-2")]);
        assert.deepEqual([back, listed], [["vol-2"], ["vol-1: a newer one is taken back in its place"]]);
    });

    it("are newer than the last completed update or the first resource", () => {
        const history = [
            { kind: "refresh", endTime: "2026-11-24T12:00:00Z" },
            { kind: "update", endTime: "2026-11-24T10:00:00Z" },
        ];
        assert.deepEqual(earliestCreation(JSON.stringify(history), {}), since);
        const created = new Date("2026-11-24T08:00:00Z");
        assert.deepEqual(earliestCreation("[]", { created }), created);
    });
});
