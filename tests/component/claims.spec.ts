import assert from "node:assert/strict";
import { output } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "../../components";
import type { VolumeArgs } from "../../components";
import {
    classType,
    cluster,
    jenkins,
    make,
    persistentVolumeType,
    volumeType,
    world,
} from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

describe("claims", () => {
    const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
    const web = { namespace: "shop", statefulSet: "web", template: "www" };
    const specOf = (registration: { inputs: object } | undefined) =>
        (registration?.inputs as { spec: Record<string, unknown> }).spec;

    it("reserves each PersistentVolume for the claim of its StatefulSet's ordinal", async () => {
        const { of } = await record(() => make({ start: 0, claims: web }), world);
        assert.deepEqual(
            Object.values(of(persistentVolumeType)).map((one) => specOf(one).claimRef),
            [0, 1, 2].map((ordinal) => ({
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                namespace: "shop",
                name: `www-web-${ordinal}`,
            })),
        );
        assert.deepEqual(of(claimType), {});
        const { tags } = of(volumeType)["jenkins-1"]!.inputs as { tags: Record<string, string> };
        assert.equal(tags["kubernetes.io/created-for/pvc/name"], "www-web-1");
        assert.equal(tags["kubernetes.io/created-for/pvc/namespace"], "shop");
    });

    it("reserves PersistentVolumes for claims by name, in order, in the namespace default", async () => {
        const { of } = await record(() => make({ claims: { names: ["c", "a", "b"] } }), world);
        assert.deepEqual(
            Object.values(of(persistentVolumeType)).map((one) => specOf(one).claimRef),
            ["c", "a", "b"].map((name) => ({
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                namespace: "default",
                name,
            })),
        );
    });

    it("reserves PersistentVolumes for claims by a pattern, with the ordinal of each", async () => {
        const claims = { namespace: "shop", pattern: "pg-{ordinal}-wal" };
        const { of } = await record(() => make({ start: 1, claims }), world);
        assert.deepEqual(
            Object.values(of(persistentVolumeType)).map(({ inputs }) => {
                const { claimRef } = (inputs as { spec: { claimRef: { name: string } } }).spec;
                return claimRef.name;
            }),
            ["pg-1-wal", "pg-2-wal", "pg-3-wal"],
        );
    });

    it("creates claims after their PersistentVolumes with claims.create", async () => {
        const { of } = await record(() => make({ start: 0, claims: { ...web, create: true } }), world);
        const claims = of(claimType);
        assert.deepEqual(Object.keys(claims), ["jenkins-0", "jenkins-1", "jenkins-2"]);
        assert.deepEqual(claims["jenkins-1"]!.inputs, {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {
                name: "www-web-1",
                namespace: "shop",
                annotations: {
                    "pulumi.com/waitFor":
                        '["jsonpath={.status.phase}=Bound", "jsonpath={.spec.resources.requests.storage}=10Gi"]',
                },
            },
            spec: {
                volumeMode: "Filesystem",
                accessModes: ["ReadWriteOnce"],
                storageClassName: "manual-ebs",
                volumeName: "manual-ebs-01",
                resources: { requests: { storage: "10Gi" } },
            },
        });
        assert.ok(
            claims["jenkins-1"]!.dependencies.some((urn) => urn.endsWith("PersistentVolume::jenkins-1")),
        );
    });

    it("requests sizes as the API server writes them, since Pulumi waits for the same text", async () => {
        const sizes = { 10: "10Gi", 1024: "1Ti", 1536: "1536Gi", 65536: "64Ti" };
        for (const [sizeGiB, storage] of Object.entries(sizes)) {
            const volume = { sizeGiB: Number(sizeGiB) };
            const { of } = await record(
                () => make({ start: 0, volume, claims: { ...web, create: true } }),
                world,
            );
            const { metadata, spec } = of(claimType)["jenkins-0"]!.inputs as {
                metadata: { annotations: Record<string, string> };
                spec: { resources: unknown };
            };
            assert.deepEqual(spec.resources, { requests: { storage } });
            const conditions = JSON.parse(metadata.annotations["pulumi.com/waitFor"]!) as string[];
            assert.equal(conditions[1], `jsonpath={.spec.resources.requests.storage}=${storage}`);
        }
    });

    it("waits at most 90 seconds for the deletion of a claim in use", async () => {
        const { of } = await record(() => make({ claims: { names: ["c", "a", "b"], create: true } }), world);
        const timeouts = (type: string) => Object.values(of(type)).map((one) => one.customTimeouts);
        assert.deepEqual(timeouts(claimType), Array(3).fill({ create: "60s", delete: "90s" }));
        assert.deepEqual(timeouts(persistentVolumeType), Array(3).fill({ delete: "90s" }));
    });
});

describe("zones by ordinal", () => {
    it("puts volumes in the zones of another storage's disks, whatever zones the nodes are in", async () => {
        const actualZones = { "data-0": "eu-west-1a", "data-1": "eu-west-1a", "data-2": "eu-west-1b" };
        const { of, calls } = await record(
            () => {
                const { zoneByOrdinal } = new ZonalPersistentStorage("data", { ...jenkins, start: 0 });
                const logs = {
                    clusterName: cluster,
                    count: 2,
                    start: 1,
                    volume: { sizeGiB: 1 },
                    zoneByOrdinal,
                };
                const { zones } = new ZonalPersistentStorage("logs", logs);
                return { zones };
            },
            world,
            { actualZones },
        );
        const zones = Object.values(of(volumeType)).map(({ name, inputs }) => [
            name,
            inputs.availabilityZone,
        ]);
        assert.deepEqual(zones.slice(3), [
            ["logs-1", "eu-west-1a"],
            ["logs-2", "eu-west-1b"],
        ]);
        assert.equal(
            calls.filter(({ token }) => token.includes("getInstances")).length,
            3,
            "to find zones for one, which has looked into those of the other",
        );
    });

    it("warns when a disk exists in another zone than the given one", async () => {
        const zoneByOrdinal = { "1": "eu-west-1a", "2": "eu-west-1b", "3": "eu-west-1b" };
        const actualZones = { "jenkins-1": "eu-west-1c" };
        const { logs, result } = await record(() => make({ zoneByOrdinal }), world, { actualZones });
        assert.deepEqual(logs, [
            "the volume of ordinal 1 is in eu-west-1c and stays there, not in eu-west-1a as zoneByOrdinal has it: " +
                "a pod that needs disks in both can't be scheduled",
        ]);
        assert.equal(result?.volumes[0]?.zone, "eu-west-1c");
    });
});

describe("the dynamic class", () => {
    const parametersOf = async (volume: VolumeArgs) => {
        const { of } = await record(() => make({ volume, dynamicStorageClass: { name: "dynamic" } }), world);
        return of(classType)["jenkins-dynamic"]!.inputs["parameters"];
    };

    it("has the IOPS that io1 and io2 need to be created", async () => {
        assert.deepEqual(await parametersOf({ sizeGiB: 10, type: "io1", iops: 400 }), {
            type: "io1",
            iops: "400",
            encrypted: "true",
            "csi.storage.k8s.io/fstype": "ext4",
        });
    });

    it("has the storage's IOPS and throughput for gp3, and its key", async () => {
        const kmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/1";
        const volume = { sizeGiB: 10, iops: output(4000), throughputMiBps: 250, kmsKeyId };
        assert.deepEqual(await parametersOf(volume), {
            type: "gp3",
            iops: "4000",
            throughput: "250",
            encrypted: "true",
            kmsKeyId,
            "csi.storage.k8s.io/fstype": "ext4",
        });
        assert.deepEqual(await parametersOf({ sizeGiB: 10 }), {
            type: "gp3",
            encrypted: "true",
            "csi.storage.k8s.io/fstype": "ext4",
        });
    });

    it("provisions disks like the storage's, in the nodes' zones only", async () => {
        const { of } = await record(() => make({ dynamicStorageClass: { name: "gp2-zonal" } }), world);
        assert.deepEqual(of(classType)["jenkins-dynamic"]!.inputs, {
            apiVersion: "storage.k8s.io/v1",
            kind: "StorageClass",
            metadata: { name: "gp2-zonal" },
            provisioner: "ebs.csi.aws.com",
            volumeBindingMode: "WaitForFirstConsumer",
            reclaimPolicy: "Retain",
            allowVolumeExpansion: true,
            parameters: { type: "gp2", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
            allowedTopologies: [
                {
                    matchLabelExpressions: [
                        { key: "topology.kubernetes.io/zone", values: ["eu-west-1b", "eu-west-1c"] },
                    ],
                },
            ],
        });
    });
});
