import assert from "node:assert/strict";
import { ordinalsOf, persistentVolumeName } from "../../components/plan/disks";
import { settingsOf } from "../../components/plan/volumeSettings";
import { isReservedTag, volumeTags } from "../../components/plan/tags";
import { fc } from "../support/chance";

describe("name of a PersistentVolume", () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$/);

    it("is the storage's name or its prefix, and the ordinal", () => {
        assert.equal(persistentVolumeName("jenkins", undefined, 0), "jenkins-0");
        assert.equal(
            persistentVolumeName("jenkins", { namePrefix: "manual-ebs", ordinalDigits: 2 }, 1),
            "manual-ebs-01",
        );
        assert.equal(persistentVolumeName("jenkins", { ordinalDigits: 2 }, 100), "jenkins-100");
    });

    it("is unique in a storage and a valid DNS label", () => {
        fc.assert(
            fc.property(
                label,
                fc.integer({ min: 1, max: 5 }),
                fc.nat(1_000),
                fc.integer({ min: 1, max: 200 }),
                (name, ordinalDigits, start, count) => {
                    const names = ordinalsOf({ start, count }).map((one) =>
                        persistentVolumeName(name, { ordinalDigits }, one),
                    );
                    assert.equal(new Set(names).size, count);
                    names.forEach((one) => assert.match(one, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));
                },
            ),
        );
    });

    it("does not change when ordinals are added before or after", () => {
        fc.assert(
            fc.property(
                label,
                fc.integer({ min: 1, max: 500 }),
                fc.integer({ min: 1, max: 50 }),
                (name, start, count) => {
                    const namesOf = (from: number, many: number) =>
                        ordinalsOf({ start: from, count: many }).map((one) =>
                            persistentVolumeName(name, {}, one),
                        );
                    const grown = namesOf(start - 1, count + 2);
                    assert.deepEqual(grown.slice(1, -1), namesOf(start, count));
                },
            ),
        );
    });
});

describe("settings of an ordinal's volume", () => {
    it("default to encrypted gp3", () => {
        assert.deepEqual(settingsOf({ sizeGiB: 10 }), { sizeGiB: 10, type: "gp3", encrypted: true });
        assert.deepEqual(settingsOf({ sizeGiB: 10, type: "gp2", encrypted: false }), {
            sizeGiB: 10,
            type: "gp2",
            encrypted: false,
        });
    });

    it("merge the override into the storage's settings", () => {
        assert.deepEqual(settingsOf({ sizeGiB: 10, iops: 4000 }, { sizeGiB: 20, zone: "eu-west-1a" }), {
            sizeGiB: 20,
            iops: 4000,
            type: "gp3",
            encrypted: true,
        });
    });

    it("omit IOPS and throughput when the override changes the type", () => {
        const volume = { sizeGiB: 10, iops: 4000, throughputMiBps: 500 };
        assert.deepEqual(settingsOf(volume, { type: "gp2" }), {
            sizeGiB: 10,
            type: "gp2",
            encrypted: true,
        });
    });
});

describe("tags of a volume", () => {
    it("include the tags of kops, the EBS CSI driver and the component", () => {
        assert.deepEqual(volumeTags("proyecto.k8s.local", "manual-ebs-01"), {
            Name: "manual-ebs-01.proyecto.k8s.local",
            KubernetesCluster: "proyecto.k8s.local",
            "kubernetes.io/cluster/proyecto.k8s.local": "shared",
            "ebs.csi.aws.com/cluster": "true",
            "ebs.csi.aws.com/cluster-name": "proyecto.k8s.local",
            "kubernetes.io/created-for/pv/name": "manual-ebs-01",
        });
    });

    it("are reserved except Name", () => {
        const { Name: _, ...reserved } = volumeTags("c", "p");
        Object.keys(reserved).forEach((key) => assert.ok(isReservedTag(key), key));
        ["Name", "team", "KubernetesClusterOwner", "kubernetes.io/other"].forEach((key) =>
            assert.ok(!isReservedTag(key), key),
        );
        assert.ok(isReservedTag("aws:created"));
    });
});
