import assert from "node:assert/strict";
import { deviations, hiddenTags } from "../../components/resources/actualSettings";
import type { KnownSettings } from "../../components/schema/volumeTable";

const found = (wanted: KnownSettings, actual: KnownSettings) =>
    deviations("volume vol-1 of ordinal 0", wanted, actual, (setting) => `volume.${setting}`).map(
        ({ isFinal, text }) => `${isFinal ? "error" : "warning"}: ${text}`,
    );

describe("settings of an existing volume", () => {
    it("accepts equal settings, and settings that EC2 or the program leaves out", () => {
        const settings = { encrypted: true, kmsKeyId: "key", snapshotId: "snap-1", size: 10, type: "gp3" };
        assert.deepEqual(found(settings, settings), []);
        assert.deepEqual(found(settings, {}), []);
        assert.deepEqual(found({}, { ...settings, iops: 3000, throughput: 125 }), []);
    });

    it("accepts types without IOPS or throughput in EC2", () => {
        assert.deepEqual(found({ iops: 3000 }, { iops: 0 }), []);
    });

    it("rejects an unencrypted volume when encryption is required", () => {
        assert.deepEqual(found({ encrypted: true, kmsKeyId: "key" }, { encrypted: false, kmsKeyId: "" }), [
            "error: volume.encrypted must be false while volume vol-1 of ordinal 0 isn't encrypted: a move of the disk " +
                "to a new volume can change it, got true",
        ]);
    });

    it("warns of an encrypted volume when encryption isn't required", () => {
        assert.deepEqual(found({ encrypted: false }, { encrypted: true }), [
            "warning: volume vol-1 of ordinal 0 is encrypted although volume.encrypted is false: the account encrypts by " +
                "default, or its snapshot is encrypted",
        ]);
    });

    it("says that a move may have encrypted it, where one has made it", () => {
        const [warning] = deviations(
            "volume vol-1 of ordinal 0",
            { encrypted: false },
            { encrypted: true },
            (setting) => `volume.${setting}`,
            "overrides.0.moves.0",
        );
        assert.match(
            String(warning?.text),
            /its snapshot is encrypted, or overrides\.0\.moves\.0 asked for it when it was made$/,
        );
    });

    it("rejects another key and another snapshot, with a message each", () => {
        assert.deepEqual(
            found({ kmsKeyId: "a", snapshotId: "snap-1" }, { kmsKeyId: "b", snapshotId: "snap-2" }),
            [
                "error: volume.kmsKeyId must be b, as volume vol-1 of ordinal 0 has it: a move of the disk to a new volume can " +
                    'change it, got "a"',
                "error: volume.snapshotId must be snap-2, as volume vol-1 of ordinal 0 has it: a move of the disk to a new " +
                    'volume can change it, got "snap-1"',
            ],
        );
    });

    it("rejects turning Multi-Attach on or off, and accepts settings that leave it out", () => {
        assert.deepEqual(found({ multiAttachEnabled: true }, { multiAttachEnabled: false }), [
            "error: volume.multiAttachEnabled must be false, as volume vol-1 of ordinal 0 has it: a move of the disk to a new " +
                "volume can change it, got true",
        ]);
        assert.deepEqual(found({}, { multiAttachEnabled: true }), []);
    });

    it("warns once, with all settings, when a modification is missing", () => {
        assert.deepEqual(found({ size: 20, type: "gp3", iops: 3000 }, { size: 10, type: "gp2", iops: 100 }), [
            "warning: volume vol-1 of ordinal 0 still has size 10 instead of 20, type gp2 instead of gp3, iops 100 instead " +
                'of 3000: EC2 has refused the modification or is not done with it; "pulumi up --refresh" compares again ' +
                "and modifies what is left",
        ]);
    });
});

describe("tags that the provider hides", () => {
    const wanted = { KubernetesCluster: "proyecto", "kubernetes.io/created-for/pv/name": "data-0" };

    it("are named in a warning with the setting to change", () => {
        assert.deepEqual(
            hiddenTags("volume vol-1 of ordinal 0", { wanted, tags: { KubernetesCluster: "proyecto" } }),
            [
                "volume vol-1 of ordinal 0 is given tags that the AWS provider doesn't show, kubernetes.io/created-for/pv/name: " +
                    "every preview shows an update of it. Take them out of the provider's ignoreTags: the EBS CSI driver's " +
                    "policies, backups and the stack itself go by the tags that the component sets",
            ],
        );
    });

    it("cause no warning when all tags are shown or unknown", () => {
        assert.deepEqual(hiddenTags("volume vol-1 of ordinal 0", { wanted, tags: wanted }), []);
        assert.deepEqual(hiddenTags("volume vol-1 of ordinal 0", { wanted, tags: {}, tagsAll: wanted }), []);
        assert.deepEqual(hiddenTags("volume vol-1 of ordinal 0", { wanted }), []);
    });
});
