import assert from "node:assert/strict";
import { cluster, make, node, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

describe("existing volumes", () => {
    it("get PersistentVolumes, and aren't changed", async () => {
        const volumes = {
            "vol-1": {
                availabilityZone: "eu-west-1a",
                size: 77,
                snapshotId: "",
                tags: { KubernetesCluster: cluster, "ebs.csi.aws.com/cluster": "true" },
            },
        };
        const { of, result } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
            ...world,
            volumes,
        });
        assert.deepEqual(Object.keys(of(volumeType)), ["jenkins-1", "jenkins-3"]);
        const { spec, metadata } = of(persistentVolumeType)["jenkins-2"]!.inputs as Record<string, object>;
        assert.deepEqual(result?.volumes[1], {
            ordinal: 2,
            zone: "eu-west-1a",
            volumeId: "vol-1",
            persistentVolumeName: "manual-ebs-02",
            snapshotId: "",
            keptVolumeIds: [],
        });
        assert.match(
            JSON.stringify(spec),
            /"capacity":\{"storage":"77Gi"\}.*"volumeHandle":"vol-1".*\["eu-west-1a"\]/,
        );
        assert.match(JSON.stringify(metadata), /"topology.kubernetes.io\/zone":"eu-west-1a"/);
    });

    it("cause a warning of tags that they lack", async () => {
        const volumes = {
            "vol-1": { availabilityZone: "eu-west-1b", size: 77, tags: { team: "storage" } },
        };
        const { logs } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
            ...world,
            volumes,
        });
        assert.deepEqual(logs, [
            `volume vol-1 lacks the tags KubernetesCluster=${cluster} and ebs.csi.aws.com/cluster=true: the EBS CSI ` +
                "driver's IAM policy may keep it from being attached",
        ]);
    });

    const attachedTo: [string, string, boolean][] = [
        ["a node", node("eu-west-1b").id, false],
        ["an instance that is no node", "i-bastion", true],
    ];
    attachedTo.forEach(([what, instance, isSaid]) =>
        it(`cause ${isSaid ? "a warning" : "no warning"} when they are attached to ${what}`, async () => {
            const tags = { KubernetesCluster: cluster, "ebs.csi.aws.com/cluster": "true" };
            const { logs } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
                ...world,
                volumes: { "vol-1": { availabilityZone: "eu-west-1b", size: 77, tags } },
                attachedTo: { "vol-1": instance },
            });
            const warning =
                "volume vol-1 is attached to an instance that is no node of the cluster: a pod that needs it waits until " +
                "it is detached there";
            assert.deepEqual(logs, isSaid ? [warning] : []);
        }),
    );

    const madeFor: [string, boolean][] = [
        ["manual-ebs-02", false],
        ["shop-0", true],
    ];
    madeFor.forEach(([owner, isSaid]) =>
        it(`cause ${isSaid ? "a warning" : "no warning"} when they were made for ${owner}`, async () => {
            const tags = {
                KubernetesCluster: cluster,
                "ebs.csi.aws.com/cluster": "true",
                "kubernetes.io/created-for/pv/name": owner,
            };
            const { logs } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
                ...world,
                volumes: { "vol-1": { availabilityZone: "eu-west-1b", size: 77, tags } },
            });
            const warning =
                "volume vol-1 was made for PersistentVolume shop-0: make sure that no other stack has it, and that no " +
                "other PersistentVolume is on it";
            assert.deepEqual(logs, isSaid ? [warning] : []);
        }),
    );
});
