import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { Servers } from "../../sandbox/servers";
import { StatefulSet } from "../../sandbox/statefulSet";
import {
    attachVolumes,
    oddDisk,
    provisionedDisks,
    scriptMadeDisks,
    usage,
} from "../support/cluster/disksInUse";
import type { DiskInUse, OddDisk } from "../support/cluster/disksInUse";
import { DiskCluster } from "../support/cluster/diskCluster";
import { firstStart, startSandbox } from "../support/cluster/sandbox";

const cluster = "proyecto.k8s.local";

describe("fixture of disks in use", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;
    let core: CoreV1Api;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox(jenkinsOnKops));
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());

    const persistentVolume = ({ persistentVolume: name }: DiskInUse) => core.readPersistentVolume({ name });
    const volume = async ({ volumeId }: DiskInUse) =>
        (await new DiskCluster(servers).volumes([volumeId]))[0]!;
    const tags = async (disk: DiskInUse) => {
        const { Tags = [] } = await volume(disk);
        return Object.fromEntries(Tags.map(({ Key, Value }) => [String(Key), String(Value)]));
    };
    /** The pod runs on an instance to which the volume is attached, and the claim is bound to it. */
    const assertInUse = async (disk: DiskInUse) => {
        const { pods, claims, persistentVolumes, volumes } = await usage(servers);
        assert.equal(pods[`default/${disk.pod}`]?.phase, "Running");
        assert.equal(claims[`default/${disk.claim}`]?.phase, "Bound");
        assert.equal(persistentVolumes[disk.persistentVolume]?.phase, "Bound");
        const { spec } = await core.readNamespacedPod({ name: disk.pod!, namespace: "default" });
        const node = await core.readNode({ name: spec?.nodeName ?? "" });
        const instance = node.spec?.providerID?.split("/").at(-1);
        assert.equal(volumes[disk.volumeId]?.state, "in-use");
        assert.match(volumes[disk.volumeId]?.attachments.join() ?? "", RegExp(`^${instance} \\S+ attached$`));
        assert.equal((await volume(disk)).AvailabilityZone, disk.zone);
    };

    it("has the script's three disks, all in use", async () => {
        const disks = await scriptMadeDisks(servers, { cluster });
        for (const disk of disks) {
            await assertInUse(disk);
            assert.deepEqual(await tags(disk), { KubernetesCluster: cluster });
            const { VolumeType, Size, Encrypted } = await volume(disk);
            assert.deepEqual(
                { VolumeType, Size, Encrypted },
                { VolumeType: "gp2", Size: 10, Encrypted: false },
            );
        }
        const all = await Promise.all(disks.map(persistentVolume));
        assert.deepEqual(
            all.map(({ metadata, spec }) => [
                metadata?.name,
                spec?.claimRef?.name,
                spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.key,
                metadata?.managedFields?.find(({ manager }) => manager?.startsWith("kubectl"))?.manager,
                "kubectl.kubernetes.io/last-applied-configuration" in (metadata?.annotations ?? {}),
            ]),
            [
                [
                    "manual-ebs-01",
                    "jenkins-home",
                    "topology.kubernetes.io/zone",
                    "kubectl-client-side-apply",
                    true,
                ],
                ["manual-ebs-02", "jenkins-builds", undefined, "kubectl-create", false],
                ["manual-ebs-03", "jenkins-cache", "topology.ebs.csi.aws.com/zone", "kubectl-create", false],
            ],
        );
        assert.deepEqual(
            disks.map(({ zone }) => zone),
            ["eu-west-1b", "eu-west-1b", "eu-west-1c"],
        );
    });

    it("has a StatefulSet with disks of the EBS CSI driver, all in use", async () => {
        const set = { statefulSet: "web", template: "www", replicas: 5, className: "gp3" };
        const disks = await provisionedDisks(servers, { cluster, ...set });
        assert.deepEqual(
            disks.map(({ claim, pod }) => [claim, pod]),
            [0, 1, 2, 3, 4].map((ordinal) => [`www-web-${ordinal}`, `web-${ordinal}`]),
        );
        for (const disk of disks) {
            await assertInUse(disk);
        }
        const { metadata, spec } = await persistentVolume(disks[0]!);
        const claim = await core.readNamespacedPersistentVolumeClaim({
            name: "www-web-0",
            namespace: "default",
        });
        assert.equal(metadata?.name, `pvc-${claim.metadata?.uid}`);
        assert.deepEqual(metadata.finalizers, [
            "external-provisioner.volume.kubernetes.io/finalizer",
            "kubernetes.io/pv-protection",
            "external-attacher/ebs-csi-aws-com",
        ]);
        assert.equal(spec?.persistentVolumeReclaimPolicy, "Delete");
        assert.equal(spec.claimRef?.uid, claim.metadata?.uid);
        assert.deepEqual(Object.keys(claim.metadata?.annotations ?? {}).sort(), [
            "pv.kubernetes.io/bind-completed",
            "pv.kubernetes.io/bound-by-controller",
            "volume.beta.kubernetes.io/storage-provisioner",
            "volume.kubernetes.io/selected-node",
            "volume.kubernetes.io/storage-provisioner",
        ]);
        assert.deepEqual(await tags(disks[0]!), {
            CSIVolumeName: metadata.name,
            KubernetesCluster: cluster,
            Name: `${cluster}-dynamic-${metadata.name}`,
            "ebs.csi.aws.com/cluster": "true",
            "ebs.csi.aws.com/cluster-name": cluster,
            [`kubernetes.io/cluster/${cluster}`]: "owned",
            "kubernetes.io/created-for/pv/name": metadata.name,
            "kubernetes.io/created-for/pvc/name": "www-web-0",
            "kubernetes.io/created-for/pvc/namespace": "default",
        });
    });

    it("has one disk of each odd kind", async () => {
        const make = (kind: OddDisk) => oddDisk(servers, kind, { cluster });
        const inUse = [
            ["block", { volumeMode: "Block" }],
            ["readWriteOncePod", { accessModes: ["ReadWriteOncePod"] }],
            ["severalZones", { values: ["eu-west-1b", "eu-west-1c"] }],
            ["inTree", { driver: undefined }],
            ["biggerInEc2", { sizeGiB: 20 }],
            ["copied", { sizeGiB: 10 }],
            ["kops", { key: "topology.ebs.csi.aws.com/zone", tag: "ci", sizeGiB: 10 }],
            ["eksAutoMode", { driver: "ebs.csi.eks.amazonaws.com" }],
        ] as const;
        for (const [kind, differs] of inUse) {
            const disk = await make(kind);
            await assertInUse(disk);
            const { spec } = await persistentVolume(disk);
            const { key, values } =
                spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0] ?? {};
            const found = {
                ...{
                    volumeMode: spec?.volumeMode,
                    accessModes: spec?.accessModes,
                    driver: spec?.csi?.driver,
                },
                ...{ key, values, sizeGiB: (await volume(disk)).Size, tag: (await tags(disk))["team"] },
            };
            assert.deepEqual({ ...found, ...differs }, found, kind);
        }
        for (const [kind, phase] of [
            ["available", "Available"],
            ["released", "Released"],
        ] as const) {
            const disk = await make(kind);
            const { metadata, status } = await persistentVolume(disk);
            assert.equal(status?.phase, phase);
            assert.deepEqual(metadata?.finalizers, ["kubernetes.io/pv-protection"]);
            assert.equal((await volume(disk)).State, "available");
        }
    });

    it("shows in its usage that a pod was stopped", async () => {
        const set = { statefulSet: "stopped", template: "data", replicas: 1, className: "gp3" };
        const [disk] = await provisionedDisks(servers, { cluster, ...set });
        const before = await usage(servers);
        assert.deepEqual(await usage(servers), before);

        await new StatefulSet(servers, "stopped").scale(0);
        await attachVolumes(servers);
        const { "default/stopped-0": stopped, ...pods } = before.pods;
        assert.equal(stopped?.phase, "Running");
        const volumes = { ...before.volumes, [disk!.volumeId]: { state: "available", attachments: [] } };
        assert.deepEqual(await usage(servers), { ...before, pods, volumes });
    });
});
