import assert from "node:assert/strict";
import type { MoveArgs, ZonalPersistentStorageArgs } from "../../components";
import type { OverrideArgs } from "../../components/args/volumeArgs";
import { continuityProblems, unadoptedProblems } from "../../components/history/continuity";
import { snapshotDescription } from "../../components/history/moveRules";
import { adoptedProblems } from "../../components/history/adopted";
import { disksOf } from "../../components/plan/disks";
import { recordedDisks, recordedProtection } from "../../components/history/recordedDisks";
import { recordedState as state, storageUrn as urnOf } from "../support/fixtures/recordedState";
import { childUrn } from "../../components/engine/stackState";
import { childTypes } from "../../components/engine/resourceTypes";
import type { StackState } from "../../components/engine/stackState";
import { watchedVolume } from "../../components/history/watchedVolume";

const component = { name: "data", urn: urnOf("data") };
const args = (different: Partial<ZonalPersistentStorageArgs> = {}): ZonalPersistentStorageArgs => ({
    clusterName: "proyecto.k8s.local",
    count: 1,
    volume: { sizeGiB: 1 },
    ...different,
});

const problems = (
    known: StackState,
    different: Partial<ZonalPersistentStorageArgs> = {},
    storages = [component],
) =>
    continuityProblems(
        args(different),
        disksOf("data", args(different)),
        recordedDisks(known, storages),
        recordedProtection(known, storages) === true,
        new Date("2026-11-24T12:00:00Z"),
    );

const settled = [
    ["volume", "data-0", "vol-0"],
    ["persistentVolume", "data-0", "vol-0"],
] as const;
const newSnapshot = { overrides: { "0": { moves: [{ from: "NewSnapshot" as const }] } } };

describe("continuity of disks", () => {
    it("accepts unknown disks, and disks on their own volumes", () => {
        assert.deepEqual(problems({}), []);
        assert.deepEqual(problems(state(settled)), []);
        assert.deepEqual(problems(state(settled), newSnapshot), []);
    });

    it("finds disks under a former name of the storage", () => {
        const former = { name: "registry", urn: urnOf("registry") };
        const known = state([["persistentVolume", "registry-0", "vol-0"]]);
        assert.deepEqual(problems(known), [], "another storage's");
        assert.match(
            problems(known, {}, [component, former]).join(),
            /PersistentVolume registry-0 is on volume vol-0/,
        );
    });

    it("rejects another volume until lostVolumeId names the former one", () => {
        const known = state([["persistentVolume", "data-0", "vol-0"]]);
        assert.match(problems(known).join(), /^overrides\.0\.lostVolumeId is missing: .* must be "vol-0"/);
        assert.equal(problems(known, { overrides: { "0": { lostVolumeId: "vol-1" } } }).length, 1);
        assert.deepEqual(problems(known, { overrides: { "0": { lostVolumeId: "vol-0" } } }), []);
        assert.deepEqual(problems(known, { overrides: { "0": { volumeId: "vol-2" } } }), []);
    });

    it("rejects another volume, or another ordinal's volume, in the state", () => {
        const other = [["volume", "data-0", "vol-9"], settled[1]] as const;
        assert.match(problems(state(other)).join(), /the state has vol-9 as the volume of ordinal 0/);
        const exchanged = [...other, ["volume", "data-1", "vol-0"]] as const;
        assert.match(problems(state(exchanged), { count: 2 }).join(), /the volume of ordinal 1 in the state/);
    });

    it("rejects a copy that would become an ordinary volume, until a move has released it", () => {
        const copied = state([["volumeCopy", "data-0", "vol-0"], settled[1]]);
        assert.deepEqual(problems(copied), [
            'overrides.0.sourceVolumeId must be "vol-source", or volume.copyOf stay, until a move releases vol-0: that was made as a ' +
                "copy, which Pulumi has as another type of resource, and another volume would be made in its place",
        ]);
        const copyOf = { cluster: "a", storage: "b" };
        assert.deepEqual(problems(copied, { volume: { sizeGiB: 1, copyOf } }), []);
        assert.deepEqual(problems(copied, { overrides: { "0": { sourceVolumeId: "vol-9" } } }), []);
        assert.deepEqual(problems(copied, { overrides: { "0": { lostVolumeId: "vol-0" } } }), []);
        assert.equal(problems(copied, newSnapshot).length, 1, "the former volume is kept");
        const moved = [
            ["volume", "data-0-moved-1", "vol-1"],
            ["persistentVolume", "data-0", "vol-1"],
        ] as const;
        const released = { moves: [{ from: "NewSnapshot" as const, previous: "Release" as const }] };
        assert.deepEqual(problems(state(moved), { overrides: { "0": released } }), []);
    });

    it("rejects an ordinary volume that would become a copy", () => {
        const rule = /must be left out for ordinal 0, which has volume vol-0: only new volumes are copies/;
        const copyOf = { cluster: "a", storage: "b" };
        const [ofStorage, ...others] = problems(state(settled), { volume: { sizeGiB: 1, copyOf } });
        assert.match(ofStorage!, new RegExp(`^volume\\.copyOf ${rule.source}`));
        assert.deepEqual(others, []);
        const own = problems(state(settled), { overrides: { "0": { sourceVolumeId: "vol-9" } } });
        assert.match(own.join(), new RegExp(`^overrides\\.0\\.sourceVolumeId ${rule.source}`));
        const snapshot = { volume: { sizeGiB: 1, copyOf }, overrides: { "0": { snapshotId: "snap-1" } } };
        assert.deepEqual(problems(state(settled), snapshot), [], "it is no copy");
    });

    it("rejects settings that would release a protected volume", () => {
        const two = [...settled, ["volume", "data-1", "vol-1"]] as const;
        assert.match(
            problems(state(two)).join(),
            /^count must leave volume vol-1 of ordinal 1 .*: set protect to false/,
        );
        assert.deepEqual(problems(state(two), { protect: false }), []);
        const moved = [...settled, ["volume", "data-0-moved-1", "vol-1"]] as const;
        assert.match(problems(state(moved)).join(), /^overrides\.0 must leave volume vol-1/);
    });

    it("rejects a list of moves without those that were made until lostVolumeId gives the volume up", () => {
        const onMoved = [
            ["volume", "data-0-moved-1", "vol-1"],
            ["persistentVolume", "data-0", "vol-1"],
        ] as const;
        const kept = state([...onMoved, ["volume", "data-0", "vol-0"]]);
        const unprotected = { protect: false };
        assert.match(
            problems(kept, unprotected).join(),
            /^overrides\.0\.moves must not be shorter than what was made, 1, got 0: .* would be on vol-0, which has older data.*\.lostVolumeId must be "vol-1"$/,
        );
        assert.match(problems(state(onMoved), unprotected).join(), /would be on an EMPTY one/);
        const overrides = { "0": { lostVolumeId: "vol-1" } };
        assert.deepEqual(problems(state(onMoved), { ...unprotected, overrides }), []);
        assert.deepEqual(problems(kept, newSnapshot), []);
    });

    it("rejects to keep a volume that was released", () => {
        const released = state([
            ["volume", "data-0-moved-2", "vol-2"],
            ["persistentVolume", "data-0", "vol-2"],
        ]);
        const moves = (previous: "Keep" | "Release") => ({
            overrides: { "0": { moves: [{ previous }, { previous }] } },
        });
        assert.deepEqual(
            problems(released, moves("Keep")).map((line) => line.slice(0, 46)),
            [0, 1].map((move) => `overrides.0.moves.${move}.previous must be Release: `.slice(0, 46)),
        );
        assert.deepEqual(problems(released, moves("Release")), []);
    });

    it("rejects another zone or snapshot of a move that was made", () => {
        const [was, isNow] = ["data-0-moved-1", "data-0-moved-2"];
        const known = state([
            ["volume", "data-0", "vol-0"],
            ["volume", was, "vol-1"],
            ["volume", isNow, "vol-2"],
            ["persistentVolume", "data-0", "vol-2"],
        ]);
        for (const name of [was, isNow]) {
            const outputs = { availabilityZone: "eu-west-1c", snapshotId: `snap-of-${name}` };
            Object.assign(known[childUrn(component.urn, childTypes.volume, name)]!.outputs, outputs);
        }
        const moves = (...list: MoveArgs[]) => problems(known, { overrides: { "0": { moves: list } } });
        assert.deepEqual(moves({ zone: "eu-west-1c" }, { zone: "eu-west-1c" }), []);
        assert.deepEqual(moves({ zone: "euw1-az3" }, {}), []);
        assert.deepEqual(moves({ zone: "eu-west-1a" }, {}), [
            'overrides.0.moves.0.zone must be eu-west-1c, by which the move was made: add another move at the end, got "eu-west-1a"',
        ]);
        assert.match(
            moves({}, { snapshotId: "snap-1" }).join(),
            /^overrides\.0\.moves\.1\.snapshotId must be snap-of-data-0-moved-2, /,
        );
    });

    it("rejects a snapshot of a move that did not reach the disk, whatever the settings are by now", () => {
        const tried = state([
            ...settled,
            ["volume", "data-0-moved-1", "vol-1"],
            ["snapshot", "data-0-moved-1", "snap-1"],
        ]);
        const moves = (...list: MoveArgs[]) => ({ overrides: { "0": { moves: list } } });
        const followed = moves({ from: "NewSnapshot" }, { from: "NewSnapshot" });
        assert.match(problems(tried, followed).join(), /^overrides\.0\.moves\.0\.snapshotId is missing/);
        assert.match(problems(tried, moves({})).join(), /^overrides\.0\.moves\.0\.snapshotId is missing/);
        assert.match(problems(tried, moves({ snapshotId: "snap-2" })).join(), /snapshotId is another one/);
        assert.deepEqual(problems(tried, moves({ snapshotId: "snap-1" })), []);
    });

    it("rejects a snapshot of a move that did not reach the disk", () => {
        const tried = [
            ...settled,
            ["volume", "data-0-moved-1", "vol-1"],
            ["snapshot", "data-0-moved-1", "snap-1"],
        ] as const;
        assert.match(
            problems(state(tried), newSnapshot).join(),
            /^overrides\.0\.moves\.0\.snapshotId is missing: .* snapshot snap-1 .* vol-1 from it at 2026-11-24T10:00:00Z; it is 2026-11-24T12:00:00\.000Z now.* If PersistentVolume data-0 is on vol-1 by now .*, overrides\.0\.moves\.0\.snapshotId in the place of from must be "snap-1"/,
        );
        const named = { overrides: { "0": { moves: [{ snapshotId: "snap-1" }] } } };
        assert.deepEqual(problems(state(tried), named), []);
        const done = [settled[0], ["persistentVolume", "data-0", "vol-1"], ...tried.slice(2)] as const;
        assert.deepEqual(problems(state(done), newSnapshot), []);
    });

    it("rejects a move from the newest snapshot of a volume that is still to be made", () => {
        const moves = (...list: MoveArgs[]) => ({ overrides: { "1": { moves: list } }, count: 2 });
        const ofNew = (...list: MoveArgs[]) => problems(state(settled), moves(...list)).join();
        assert.match(
            ofNew({ zone: "eu-west-1c" }),
            /^overrides\.1\.moves\.0\.snapshotId is missing: the state has no volume of ordinal 1 yet .* overrides\.1\.zone is the zone of a new disk$/,
        );
        assert.match(ofNew({ from: "NewSnapshot" }, {}), /^overrides\.1\.moves\.1\.snapshotId is missing/);
        assert.match(
            ofNew({ from: "NewSnapshot", previous: "Release" }),
            /^overrides\.1\.moves\.0\.previous must be Keep until the move is made/,
        );
        assert.equal(ofNew({ from: "NewSnapshot" }), "", "of a new, empty volume");
        assert.equal(ofNew({ snapshotId: "snap-1", previous: "Release" }), "");
        const made = [...settled, ["volume", "data-1", "vol-1"]] as const;
        assert.deepEqual(problems(state(made), moves({ zone: "eu-west-1c" })), []);
    });

    it("rejects another snapshot for the volume of a move that did not reach the disk", () => {
        const known = state([...settled, ["volume", "data-0-moved-1", "vol-1"]]);
        const made = known[childUrn(component.urn, childTypes.volume, "data-0-moved-1")];
        Object.assign(made!.outputs, { snapshotId: "snap-1" });
        const moves = (move: MoveArgs) => problems(known, { overrides: { "0": { moves: [move] } } });
        assert.match(
            moves({ snapshotId: "snap-2" }).join(),
            /^overrides\.0\.moves\.0\.snapshotId is another one: .* has used snapshot snap-1 for this move/,
        );
        assert.match(moves({ from: "NewSnapshot" }).join(), /snapshotId is missing/);
        assert.deepEqual(moves({ snapshotId: "snap-1" }), []);
        assert.deepEqual(moves({}), [], "which the account has to be asked for");
    });

    it("takes a move's snapshot again when no volume was made from it", () => {
        const [disk] = disksOf("data", args(newSnapshot));
        const generation = disk!.current;
        const description = (known: StackState) =>
            snapshotDescription(generation, recordedDisks(known, [component]).get(0));
        const taken = [...settled, ["snapshot", "data-0-moved-1", "snap-1"]] as const;
        assert.equal(description(state(settled)), undefined);
        assert.equal(description(state(taken)), "taken again, in place of snap-1");
        assert.equal(description(state([...taken, ["volume", "data-0-moved-1", "vol-1"]])), undefined);
    });
});

describe("PersistentVolumes that others have made", () => {
    const unadopted = (known: StackState, override: OverrideArgs) =>
        unadoptedProblems(
            disksOf("data", args({ overrides: { "0": override } })),
            recordedDisks(known, [component]),
        );
    const named = { persistentVolumeName: "pvc-1" };

    it("are refused until the state has their volume, with the way out", () => {
        assert.deepEqual(unadopted({}, named), [
            "overrides.0.persistentVolumeName names PersistentVolume pvc-1, whose volume the state doesn't have: pulumi up " +
                "would make an empty one. Take both over with npx zonal-persistent-storage adopt, or leave the setting out",
        ]);
        assert.equal(unadopted(state([["persistentVolume", "data-0", "vol-0"]]), named).length, 1);
        assert.deepEqual(unadopted(state([["volume", "data-0", "vol-0"]]), named), []);
    });

    it("are accepted on a volume that the stack only uses, and where a move has made another", () => {
        assert.deepEqual(unadopted({}, { ...named, volumeId: "vol-0" }), []);
        assert.deepEqual(unadopted({}, { ...named, moves: [{ zone: "eu-west-1c" }] }), []);
        assert.deepEqual(unadopted({}, {}), []);
    });
});

describe("PersistentVolumes that were adopted", () => {
    const adopted = (volumeId = "vol-0", inputs: object = { spec: {} }): StackState => ({
        ...state([["volume", "data-0", "vol-0"]]),
        [childUrn(component.urn, childTypes.persistentVolume, "data-0")]: {
            type: childTypes.persistentVolume,
            outputs: {
                metadata: { name: "pvc-1" },
                spec: { csi: { volumeHandle: volumeId } },
                __inputs: inputs,
            },
        },
    });
    const reasons = (known: StackState, override: OverrideArgs) => {
        const given = args({ overrides: { "0": override } });
        return adoptedProblems(given, disksOf("data", given), recordedDisks(known, [component]));
    };
    const consequence =
        "the disk's PersistentVolume was made by others and adopted, and would be deleted while its claim uses it, and another one made";
    const release =
        "To take the disk out of the stack as it is, run npx zonal-persistent-storage release data";

    it("are accepted under their names, moved or not", () => {
        assert.deepEqual(reasons(adopted(), { persistentVolumeName: "pvc-1" }), []);
        const moves = [{ zone: "eu-west-1c" }];
        assert.deepEqual(reasons(adopted(), { persistentVolumeName: "pvc-1", moves }), []);
        assert.deepEqual(reasons(adopted("vol-0"), { persistentVolumeName: "pvc-1", volumeId: "vol-0" }), []);
    });

    it("are refused without their names or with others, on volumes that the stack only uses, too", () => {
        const missing = `overrides.0.persistentVolumeName is missing, it must be "pvc-1": ${consequence}. ${release}`;
        assert.deepEqual(reasons(adopted(), {}), [missing]);
        assert.deepEqual(reasons(adopted(), { volumeId: "vol-0" }), [missing]);
        assert.deepEqual(reasons(adopted(), { moves: [{ zone: "eu-west-1c" }] }), [missing]);
        assert.deepEqual(reasons(adopted(), { persistentVolumeName: "pvc-2" }), [
            `overrides.0.persistentVolumeName must be "pvc-1": ${consequence}, got "pvc-2". ${release}`,
        ]);
    });

    it("are refused without their names if the storage would call them the same", () => {
        const named = state(settled);
        const urn = childUrn(component.urn, childTypes.persistentVolume, "data-0");
        Object.assign(named[urn]!.outputs, { __inputs: { spec: {} } });
        assert.equal(reasons(named, {}).length, 1);
        assert.deepEqual(reasons(named, { persistentVolumeName: "data-0" }), []);
    });

    it("can't take the place of the stack's own", () => {
        const own = adopted("vol-0", { spec: { csi: {} } });
        assert.deepEqual(reasons(own, {}), [], "another prefix, which the preview shows");
        assert.match(reasons(own, { persistentVolumeName: "pvc-2" }).join(), /must be "pvc-1"/);
    });

    it("are given up with their volumes", () => {
        const lost = { lostVolumeId: "vol-9" };
        assert.deepEqual(reasons(adopted("vol-9"), lost), []);
        assert.deepEqual(reasons(adopted("vol-9"), { ...lost, persistentVolumeName: "pvc-1" }), [
            "overrides.0.persistentVolumeName must be left out beside lostVolumeId, or a move be added: PersistentVolume pvc-1 " +
                "would stay on volume vol-9, which is given up",
        ]);
        const settledNow = { lostVolumeId: "vol-0", persistentVolumeName: "pvc-1" };
        assert.deepEqual(reasons(adopted(), settledNow), []);
        assert.equal(reasons(adopted(), { lostVolumeId: "vol-0" }).length, 1, "it isn't lost");
    });
});

describe("check before an update of a volume", () => {
    const disks = disksOf("data", args({ count: 2 }));
    const tags = (cluster: string, name: string) => ({
        KubernetesCluster: cluster,
        "kubernetes.io/created-for/pv/name": name,
    });
    const reason = (known: StackState | undefined, found: Record<string, string>) =>
        watchedVolume(
            args({ count: 2 }),
            "proyecto.k8s.local",
            disks[0]!,
            disks[0]!.current,
            disks,
            known && recordedDisks(known, [component]),
            (text) => text,
        ).onUpdate(found);

    it("accepts the disk's own or a new volume by its tags", () => {
        assert.equal(reason(state(settled), tags("proyecto.k8s.local", "data-0")), undefined);
        assert.equal(
            reason(state(settled), tags("formerly.k8s.local", "data-0")),
            undefined,
            "another setting",
        );
        assert.equal(reason(undefined, {}), undefined);
    });

    it("rejects the tags of another ordinal or another cluster", () => {
        const imported = state([["volume", "data-0", "vol-0"]]);
        assert.match(
            reason(undefined, tags("proyecto.k8s.local", "data-1")) ?? "",
            /must be "data-0", got "data-1"/,
        );
        assert.match(reason(imported, tags("other.k8s.local", "data-0")) ?? "", /KubernetesCluster must be/);
        assert.match(
            reason(imported, tags("proyecto.k8s.local", "pvc-1")) ?? "",
            /must be "data-0", got "pvc-1"/,
        );
    });
});
