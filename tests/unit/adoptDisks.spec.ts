import assert from "node:assert/strict";
import { describeDisks } from "../../tools/adopt/describe";
import { examine } from "../../tools/adopt/existingDisk";
import { patchOf } from "../../tools/adopt/patches";
import { printed } from "../../tools/terminal/answer";
import { diskOfOthers, examined, existing, inventoryOf } from "../support/fixtures/disksToAdopt";
import type { Different, DiskOfOthers } from "../support/fixtures/disksToAdopt";

const obstacles = (...disks: readonly DiskOfOthers[]) =>
    examined(disks).map((one) => ("disk" in one ? undefined : one.obstacle));

describe("disks that can't be adopted", () => {
    const cases: [string, Different, RegExp][] = [
        [
            "an in-tree volume",
            { spec: { csi: undefined, awsElasticBlockStore: { volumeID: "aws://eu-west-1b/vol-61" } } },
            /^is an in-tree volume \(awsElasticBlockStore\), whose source can't change: docs\/existing-disks\.md has the way with a pause$/,
        ],
        ["a volume of another driver", { csi: { driver: "efs.csi.aws.com" } }, /^isn't on an EBS volume$/],
        ["no CSI volume", { spec: { csi: undefined, hostPath: { path: "/" } } }, /^isn't on an EBS volume$/],
        [
            "a volume of another region or account",
            { volume: { VolumeId: "vol-other" } },
            /^is on volume vol-61, which EC2 doesn't have in eu-west-1: check the account and --region$/,
        ],
        [
            "a volume that has failed",
            { volume: { State: "error" } },
            /^is on volume vol-61, whose state in EC2 is error$/,
        ],
        [
            "a volume of another cluster",
            { tags: { "kubernetes.io/cluster/other": "owned" } },
            /^is on volume vol-61, whose tags say that it is of cluster "other": give --cluster/,
        ],
    ];
    cases.forEach(([what, different, expected]) =>
        it(`have ${what}`, () => {
            assert.match(String(obstacles(diskOfOthers("a", different))), expected);
        }),
    );

    it("are being deleted", () => {
        const { persistentVolume, volume } = diskOfOthers("a");
        const metadata = { ...persistentVolume.metadata, deletionTimestamp: new Date() };
        assert.deepEqual(obstacles({ persistentVolume: { ...persistentVolume, metadata }, volume }), [
            "is being deleted",
        ]);
    });

    it("share a volume", () => {
        const a = diskOfOthers("a");
        const b = diskOfOthers("b", { spec: { csi: a.persistentVolume.spec?.csi } });
        assert.deepEqual(obstacles(a, b), [
            "is on volume vol-61, on which PersistentVolume b is too: delete one of them",
            "is on volume vol-61, on which PersistentVolume a is too: delete one of them",
        ]);
    });

    it("are on a copy of another disk's volume, with its tags", () => {
        const tags = { "kubernetes.io/created-for/pv/name": "a" };
        assert.deepEqual(obstacles(diskOfOthers("a", { tags }), diskOfOthers("b", { tags })), [
            undefined,
            "is on volume vol-62, whose tag kubernetes.io/created-for/pv/name names PersistentVolume a, as a copy of its volume has it: correct the tag with aws ec2 create-tags",
        ]);
        assert.deepEqual(obstacles(diskOfOthers("b", { tags })), [undefined], "a is gone");
    });

    it("are for the claim that another is bound to", () => {
        const claim = { name: "data" };
        const [bound, released] = obstacles(
            diskOfOthers("a", { claim }),
            diskOfOthers("b", { claim, phase: "Released" }),
        );
        assert.equal(bound, undefined);
        assert.equal(
            released,
            "is for claim default/data, for which PersistentVolume a is too: remove spec.claimRef of one of them",
        );
        const elsewhere = diskOfOthers("b", { claim: { namespace: "shop", ...claim }, phase: "Released" });
        assert.deepEqual(obstacles(diskOfOthers("a", { claim }), elsewhere), [undefined, undefined]);
    });

    it("have a volume that wasn't looked up", () => {
        const { persistentVolume, volume } = diskOfOthers("a");
        const { ec2: _, ...inventory } = inventoryOf([{ persistentVolume, volume }]);
        assert.ok("obstacle" in examine(persistentVolume, inventory));
    });
});

describe("disks that can be adopted", () => {
    it("have kops' own tag of this cluster", () => {
        const [disk] = existing([
            diskOfOthers("a", { tags: { "kubernetes.io/cluster/proyecto.k8s.local": "owned", team: "ci" } }),
        ]);
        assert.deepEqual(disk?.tags, { team: "ci" });
    });

    it("are shown with what changes and what stays", () => {
        const odd = diskOfOthers("a", {
            phase: "Released",
            csi: { fsType: "ntfs" },
            spec: {
                persistentVolumeReclaimPolicy: "Delete",
                storageClassName: "",
                accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
            },
            volume: { Encrypted: false, VolumeType: "io2", Iops: 100, MultiAttachEnabled: true },
        });
        const block = diskOfOthers("b", { claim: null, spec: { volumeMode: "Block" } });
        const lines = (usesOnly: boolean) =>
            describeDisks(existing([odd, block]), usesOnly).map((line) =>
                printed(line).trim().replace(/ {2,}/g, " | "),
            );
        assert.deepEqual(lines(false).slice(-2), [
            "a | eu-west-1b | vol-61 | default/a | - | reclaim policy Delete to Retain, Released to Available, labels, tags of the volume | unencrypted, type io2, no class, ReadWriteOnce, ReadOnlyMany, ntfs, Multi-Attach",
            "b | eu-west-1b | vol-62 | - | - | labels, tags of the volume | Block",
        ]);
        assert.match(String(lines(true).at(-1)), /\| labels \| Block$/);
    });
});

describe("patches before adoption", () => {
    const patch = (different: Different) => patchOf(existing([diskOfOthers("a", different)])[0]!);
    const onVolume = { op: "test", path: "/spec/csi/volumeHandle", value: "vol-61" };
    const retain = [
        {
            op: "add",
            path: "/metadata/annotations/zonal-persistent-storage~1former-reclaim-policy",
            value: "Delete",
        },
        { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" },
    ];
    const annotations = { op: "add", path: "/metadata/annotations", value: {} };

    it("aren't needed for most hand-made disks", () => {
        assert.deepEqual(patch({}), []);
        assert.deepEqual(patch({ claim: null }), []);
    });

    it("keep the volume when the claim is deleted", () => {
        assert.deepEqual(patch({ spec: { persistentVolumeReclaimPolicy: "Delete" } }), [
            onVolume,
            annotations,
            ...retain,
        ]);
    });

    it("free one that is Released, and only then", () => {
        const spec = { persistentVolumeReclaimPolicy: "Delete" };
        assert.deepEqual(patch({ spec, phase: "Released" }), [
            onVolume,
            annotations,
            ...retain,
            { op: "test", path: "/status/phase", value: "Released" },
            { op: "remove", path: "/spec/claimRef/uid" },
            { op: "remove", path: "/spec/claimRef/resourceVersion" },
        ]);
    });
});
