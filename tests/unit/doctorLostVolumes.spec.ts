import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { findings } from "../../tools/doctor/findings";
import type { Finding } from "../../tools/doctor/finding";
import type { Inventory } from "../../tools/inspect/inventory";
import {
    both,
    bothVolumes,
    clusterName,
    component,
    inventoryWith,
    state,
    tags,
    volume,
} from "../support/fixtures/twoDisks";

/** A stack that has lost the volume of disk 1, with these overrides in its settings. */
function lost(overrides?: object, ofStorage: object = {}): Inventory["state"] {
    const inputs = { clusterName, count: 2, overrides };
    return state(
        { "data-0": "vol-0" },
        { "data-0": "vol-0", "data-1": "vol-1" },
        {},
        { inputs, ...ofStorage },
    );
}

const importIt = (name = "data-1") => [
    `pulumi import --parent=data=${component} --protect=false --generate-code=false -- aws:ebs/volume:Volume ${name} vol-1`,
    "check that pulumi preview creates or replaces no volume, then",
    "pulumi up",
];
const isThere: Finding = {
    what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1), which is in EC2: a pulumi up would make an EMPTY one in its place",
    mend: importIt(),
};
const restoreIt = (wish: string) => [
    "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-1 --region=eu-west-1",
    `restore first: ${wish}, ${wish.startsWith("add") ? "set " : ""}overrides.1.lostVolumeId to vol-1, and only then`,
    "pulumi up",
    "without a snapshot nothing brings its data back, and pulumi up then makes an EMPTY volume",
];
const outputs = {
    volumes: [
        { ordinal: 0, volumeId: "vol-0", persistentVolumeName: "data-0" },
        { ordinal: 1, volumeId: "vol-1", persistentVolumeName: "data-1" },
    ],
};

describe("doctor: volumes that the state has lost", () => {
    it("imports a volume that exists in EC2", () => {
        assert.deepEqual(findings(inventoryWith({ state: lost() })), [isThere]);
    });

    it("imports a copy as what it was made as", () => {
        const volumes = [bothVolumes[0]!, { ...bothVolumes[1]!, SourceVolumeId: "vol-9" }];
        const [found] = findings(inventoryWith({ volumes, state: lost() }));
        assert.match(found!.mend[0]!, / -- aws:ebs\/volumeCopy:VolumeCopy data-1 vol-1$/);
    });

    it("imports a copy as what it was made as once it is back from the Recycle Bin", () => {
        const deleted = { kind: "volume" as const, id: "vol-1", volumeId: "vol-1", sourceVolumeId: "vol-9" };
        const gone = inventoryWith({ volumes: [bothVolumes[0]!], state: lost() });
        const [found] = findings({ ...gone, recycleBin: [deleted] });
        assert.match(found!.mend.join("\n"), / -- aws:ebs\/volumeCopy:VolumeCopy data-1 vol-1$/m);
    });

    it("imports no volume of another cluster", () => {
        const volumes = [
            bothVolumes[0]!,
            volume("vol-1", "data-1", { Tags: tags(volumeTags("otro", "data-1")) }),
        ];
        const [found, other] = findings(inventoryWith({ volumes, state: lost() }));
        assert.deepEqual(found?.mend, [
            "by its tags it is another cluster's: see to that first, then",
            "npx zonal-persistent-storage doctor",
        ]);
        assert.match(
            other!.what,
            /^PersistentVolume data-1 is on volume vol-1, which by its tags is a volume of cluster otro/,
        );
    });

    it("imports the volume of a moved disk under its current name", () => {
        const [found, ...others] = findings(
            inventoryWith({ state: lost({ "1": { moves: [{}, { previous: "Release" }] } }) }),
        );
        assert.deepEqual([found?.mend, others], [importIt("data-1-moved-2"), []]);
    });

    it("restores a volume that is not in EC2", () => {
        const gone = inventoryWith({ volumes: [bothVolumes[0]!], state: lost() });
        assert.deepEqual(findings(gone), [
            {
                what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1), and EC2 in eu-west-1 doesn't have it: a pulumi up would make an EMPTY one in its place",
                mend: restoreIt("set overrides.1.snapshotId of storage data to its last snapshot"),
            },
        ]);
        const [moved] = findings({ ...gone, state: lost({ "1": { moves: [{}] } }) });
        assert.deepEqual(
            moved?.mend,
            restoreIt(
                "add a move with its last snapshot, its zone and previous: Release to overrides.1.moves of storage data",
            ),
        );
    });

    it("shows both ways out when EC2 can't be read", () => {
        assert.deepEqual(findings(inventoryWith({ volumes: null, state: lost() })), [
            {
                what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1): a pulumi up would make an EMPTY one in its place",
                mend: [
                    "aws ec2 describe-volumes --volume-ids=vol-1",
                    "if it is there,",
                    ...importIt(),
                    "if it isn't, restore it from a snapshot: docs/doctor.md, A volume that the state has lost",
                ],
            },
        ]);
    });

    it("finds a volume by the storage's outputs when the PersistentVolume is lost as well", () => {
        const inputs = { clusterName, count: 2 };
        const both = state({ "data-0": "vol-0" }, { "data-0": "vol-0" }, {}, { inputs, outputs });
        assert.deepEqual(findings(inventoryWith({ state: both })), [isThere]);
    });

    it("reports each volume once", () => {
        assert.deepEqual(
            findings(inventoryWith({ state: lost(undefined, { inputs: { clusterName }, outputs }) })),
            [isThere],
        );
    });

    it("ignores volumes that an override names, also by a secret", () => {
        for (const volumeId of [
            "vol-1",
            { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" },
        ]) {
            assert.deepEqual(
                findings(inventoryWith({ state: lost({ "1": { volumeId } }, { outputs }) })),
                [],
            );
        }
    });

    it("reports nothing when the state has no settings", () => {
        const secret = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            ciphertext: "x",
        };
        [{ inputs: undefined }, { inputs: {} }, { inputs: { clusterName, overrides: secret } }].forEach(
            (unknown) => assert.deepEqual(findings(inventoryWith({ state: lost({}, unknown) })), []),
        );
    });

    it("reports nothing when no PersistentVolume uses the volume", () => {
        const inputs = { clusterName, count: 2 };
        const forgotten = state({ "data-0": "vol-0" }, { "data-0": "vol-0" }, {}, { inputs, outputs });
        const [leftBehind, ...others] = findings(
            inventoryWith({ persistentVolumes: [both[0]!], state: forgotten }),
        );
        assert.match(
            leftBehind!.what,
            /^volume vol-1 .* neither the state of stack test nor a PersistentVolume/,
        );
        assert.deepEqual(others, []);
    });
});
