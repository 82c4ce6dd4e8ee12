import type { V1PersistentVolume, V1SelfSubjectAccessReview } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { isManaged } from "../../tools/adopt/managed";
import { changeOf, obstaclesOf, perhapsAnothers } from "../../tools/adopt/plan";
import { checkRights } from "../../tools/adopt/rights";
import type { State } from "../../tools/inspect/state";
import { diskOfOthers, existing, plan } from "../support/fixtures/disksToAdopt";
import { component } from "../support/fixtures/twoDisks";

const disk = diskOfOthers("pvc-1");
const volumeId = disk.volume.VolumeId!;
const storage = { name: "data", urn: component };
const recorded = { name: "pvc-1", ordinal: 0, volumeId, storage, isUpdated: true };
const stateWith = (
    persistentVolume: Partial<State["persistentVolumes"][number]>,
    volumeIds = [volumeId],
    hasVolumeId = false,
) =>
    ({
        storages: [{ ...storage, zones: [], disks: [], overrides: { "0": { hasVolumeId } } }],
        persistentVolumes: [{ ...recorded, ...persistentVolume }],
        volumes: volumeIds.map((id) => ({ volumeId: id, storage })),
    }) as unknown as State;

describe("disks that a stack has already", () => {
    const cases: [string, boolean, State | undefined, V1PersistentVolume?][] = [
        ["are those that an update has been to", true, stateWith({})],
        ["may be on volumes that the stack only uses", true, stateWith({}, [], true)],
        ["aren't those that no stack has", false, undefined],
        ["aren't those that were only imported", false, stateWith({ isUpdated: false })],
        ["aren't those whose volume isn't in the state", false, stateWith({}, [])],
        ["aren't those that are on another volume there", false, stateWith({ volumeId: "vol-9" })],
        ["aren't those of another component", false, stateWith({ storage: undefined })],
        [
            "aren't those whose reclaim policy somebody has changed",
            false,
            stateWith({}),
            diskOfOthers("pvc-1", { spec: { persistentVolumeReclaimPolicy: "Delete" } }).persistentVolume,
        ],
        [
            "aren't those that are Released",
            false,
            stateWith({}),
            diskOfOthers("pvc-1", { phase: "Released" }).persistentVolume,
        ],
    ];
    cases.forEach(([what, expected, state, persistentVolume = disk.persistentVolume]) =>
        it(what, () => {
            assert.equal(isManaged(persistentVolume, state), expected);
        }),
    );
});

describe("the right to change PersistentVolumes", () => {
    const withAnswer = (answer: Promise<V1SelfSubjectAccessReview>) =>
        checkRights({ createSelfSubjectAccessReview: () => answer });
    const review = (allowed: boolean) => Promise.resolve({ spec: {}, status: { allowed } });

    it("is asked for before anything is changed", async () => {
        await withAnswer(review(true));
        await assert.rejects(withAnswer(review(false)), {
            message:
                "nothing was done: the kubeconfig's user can't patch persistentvolumes; docs/permissions.md has the rights that adopt needs",
        });
    });

    it("is left to the update where the API server doesn't tell", () =>
        withAnswer(Promise.reject(new Error("404"))));
});

describe("disks that can't be adopted", () => {
    it("have one line for each reason", () => {
        const ofOther = (name: string, stack: string) => ({ name, obstacle: `is of stack ${stack}` });
        assert.deepEqual(
            obstaclesOf([
                ...["a-0", "a-1"].map((name) => ofOther(name, "a")),
                ofOther("b-0", "b"),
                ...existing([disk]).map((one) => ({ disk: one })),
                ofOther("a-2", "a"),
            ]),
            ["PersistentVolumes a-0, a-1, a-2: each is of stack a", "PersistentVolume b-0 is of stack b"],
        );
    });
});

describe("disks with the component's tags", () => {
    it("are named, since a stack of another project may have them", () => {
        const [own, driver] = ["vol-1", "vol-2"].map((id) => ({
            VolumeId: id,
            Tags: Object.entries({
                ...volumeTags("proyecto.k8s.local", "data-0"),
                // As the EBS CSI driver has it in a kops cluster.
                ...(id === "vol-2" && { "kubernetes.io/cluster/proyecto.k8s.local": "owned" }),
            }).map(([Key, Value]) => ({ Key, Value })),
        }));
        const disks = [own, driver].map((volume) => ({
            ...existing([disk])[0]!,
            name: `of ${volume!.VolumeId}`,
            volumeId: volume!.VolumeId,
        }));
        const ec2 = { region: "eu-west-1", volumes: [own!, driver!] };
        assert.deepEqual(perhapsAnothers(disks, { ec2 }), [
            "made by a stack of this component, by the tags of the volumes: of vol-1; adopt them only if no stack of another project has them any more",
        ]);
        assert.deepEqual(perhapsAnothers(disks.slice(1), { ec2 }), []);
        const state = { volumes: [{ volumeId: "vol-1" }], persistentVolumes: [] } as unknown as State;
        assert.deepEqual(perhapsAnothers(disks, { ec2, state }), [], "its own stack has it");
    });
});

describe("a plan that was confirmed", () => {
    const planned = (...disks: (typeof disk)[]) => ({
        disks: existing(disks),
        skipped: [],
        storages: plan(disks),
    });

    it("is carried out if it is as it was shown, whatever pods there are", () => {
        const now = planned(disk);
        assert.equal(changeOf(planned(disk), now), undefined);
        const [only] = now.disks;
        assert.equal(
            changeOf(planned(disk), { ...now, disks: [{ ...only!, pods: ["default/b"] }] }),
            undefined,
        );
    });

    it("is refused if a disk came, went or changed, or other storages are needed", () => {
        const other = diskOfOthers("ci");
        const why = "changed after you were asked; run the same command again";
        const released = diskOfOthers("pvc-1", { phase: "Released" });
        for (const [now, what] of [
            [planned(disk, other), "PersistentVolume ci"],
            [planned(released), "PersistentVolume pvc-1"],
            [{ ...planned(disk), storages: [] }, "the stack's storages"],
        ] as const) {
            assert.equal(changeOf(planned(disk), now), `nothing was done: ${what} ${why}`);
        }
    });
});
