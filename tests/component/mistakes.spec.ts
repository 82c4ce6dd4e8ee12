import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { output, RunError } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../../components";
import {
    cluster,
    make,
    node,
    persistentVolumeType,
    refusal,
    volumeType,
    world,
} from "../support/mocks/jenkins";
import { recordFailure } from "../support/mocks/mocks";
import type { World } from "../support/mocks/mocks";

describe("mistakes", () => {
    const later = <T>(value: T) => output(Promise.resolve(value));
    const mistakes: [string, Partial<ZonalPersistentStorageArgs>, World, string[]][] = [
        [
            "no such cluster",
            { clusterName: "otra.k8s.local" },
            world,
            [
                'no node of the cluster "otra.k8s.local" was found:',
                '  - there is no instance in the security group "nodes.otra.k8s.local" in eu-west-1: check the ' +
                    "cluster's name, the AWS account and the region, correct nodes if the cluster's nodes are others, " +
                    "or give zones",
            ],
        ],
        [
            "no node of the preset, which the error names in words",
            { nodes: { preset: "eks", groups: ["web", "db"], tags: { team: "a" }, vpcId: "vpc-1" } },
            world,
            [
                `no node of the cluster "${cluster}" was found:`,
                `  - there is no instance with the tag eks:cluster-name=${cluster}, with the tag eks:nodegroup-name=web or db, ` +
                    "with the tag team=a, in the VPC vpc-1 in eu-west-1: check the cluster's name, the AWS account and " +
                    "the region, correct nodes if the cluster's nodes are others, or give zones",
            ],
        ],
        [
            "a cluster with only stopped nodes",
            {},
            { ...world, instances: [node("eu-west-1a", undefined, "stopped")] },
            [
                `no node of the cluster "${cluster}" is running:`,
                `  - 1 instance in the security group "nodes.${cluster}" in eu-west-1, none of them running ` +
                    `(i-nodes.${cluster}-eu-west-1a-stopped): start the nodes, or give zones`,
            ],
        ],
        [
            "unknown zones",
            { zones: ["eu-west-1b", "eu-west-1z"], overrides: { "2": { zone: "us-east-1a" } } },
            world,
            [
                "there are no such availability zones:",
                '  - zones: no availability zone "eu-west-1z" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
                '  - overrides.2.zone: no availability zone "us-east-1a" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
            ],
        ],
        [
            "AWS unreachable",
            {},
            { unreachable: "connect ECONNREFUSED" },
            [
                "could not query availability zones:",
                "  - connect ECONNREFUSED",
                "  - check the credentials, the region, the network and the rights to ec2:DescribeAvailabilityZones, " +
                    "ec2:DescribeInstances and, for existing volumes and moves, ec2:DescribeVolumes and ec2:DescribeSnapshots",
            ],
        ],
        [
            "volumes that don't exist or are another ordinal's",
            { overrides: { "1": { volumeId: "vol-9" }, "3": { volumeId: "vol-2" } } },
            {
                ...world,
                volumes: {
                    "vol-2": {
                        availabilityZone: "eu-west-1a",
                        size: 1,
                        tags: {
                            KubernetesCluster: cluster,
                            "kubernetes.io/created-for/pv/name": "manual-ebs-02",
                        },
                    },
                },
            },
            [
                "there are volumes that can't be used:",
                '  - overrides.1.volumeId must be a volume of this account and region, got "vol-9"',
                '  - overrides.3.volumeId must not be the volume of ordinal 2 too, got "vol-2"',
            ],
        ],
        [
            "volumes of other clusters",
            {
                overrides: {
                    "1": { volumeId: "vol-1" },
                    "2": { volumeId: "vol-2" },
                    "3": { volumeId: "vol-3" },
                },
            },
            {
                ...world,
                volumes: Object.fromEntries(
                    [
                        { KubernetesCluster: "otro" },
                        { KubernetesCluster: cluster, "ebs.csi.aws.com/cluster-name": "otro" },
                        {
                            "kubernetes.io/cluster/otro": "owned",
                            [`kubernetes.io/cluster/${cluster}`]: "shared",
                        },
                    ].map((tags, index) => [
                        `vol-${index + 1}`,
                        { availabilityZone: "eu-west-1a", size: 1, tags },
                    ]),
                ) as unknown as NonNullable<World["volumes"]>,
            },
            [
                "there are volumes that can't be used:",
                ...[1, 2, 3].map(
                    (ordinal) =>
                        `  - overrides.${ordinal}.volumeId must not be a volume of another cluster, its tags say "otro": let ` +
                        `go of it there, and remove its tags, got "vol-${ordinal}"`,
                ),
            ],
        ],
        [
            "a volume whose cluster the provider's ignoreTags hides",
            { overrides: { "1": { volumeId: "vol-1" }, "2": { volumeId: "vol-2" } } },
            {
                ...world,
                volumes: Object.fromEntries(
                    ["vol-1", "vol-2"].map((id) => [
                        id,
                        { availabilityZone: "eu-west-1a", size: 1, snapshotId: "", tags: {} },
                    ]),
                ),
                hiddenTags: { "vol-2": ["KubernetesCluster"] },
            },
            [
                "there are volumes that can't be used:",
                "  - overrides.2.volumeId must be a volume whose tags can be read: take KubernetesCluster and " +
                    "ebs.csi.aws.com/cluster-name out of the AWS provider's ignoreTags, which hides whose volume it is, " +
                    'got "vol-2"',
            ],
        ],
        [
            "an ordinal without a zone",
            { zoneByOrdinal: { "1": "eu-west-1a", "2": "eu-west-1b" } },
            world,
            [
                "there are ordinals without a zone:",
                "  - zoneByOrdinal must have ordinal 3: add it, or lower count",
            ],
        ],
        [
            "mistakes that different queries find",
            {
                count: 4,
                zoneByOrdinal: { "1": "eu-west-1z", "2": "eu-west-1b" },
                volume: { sizeGiB: 1, encrypted: true, kmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/a" },
                overrides: {
                    "2": { moves: [{ zone: "eu-west-1y", from: "NewSnapshot" }] },
                    "3": { volumeId: "vol-9" },
                },
            },
            world,
            [
                "there are no such availability zones:",
                '  - zoneByOrdinal.1: no availability zone "eu-west-1z" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
                "there are ordinals without a zone:",
                "  - zoneByOrdinal must have ordinal 4: add it, or lower count",
                "there are no such availability zones:",
                '  - overrides.2.moves.0.zone: no availability zone "eu-west-1y" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
                "settings don't go with the storage's region, eu-west-1:",
                '  - volume.kmsKeyId must be a key of the storage\'s region, eu-west-1, got "arn:aws:kms:us-east-1:123456789012:key/a"',
                "there are volumes that can't be used:",
                '  - overrides.3.volumeId must be a volume of this account and region, got "vol-9"',
            ],
        ],
        [
            "an output of no zones",
            { zones: later([]) },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - zones must name at least one availability zone, got []",
            ],
        ],
        [
            "values that come later and are wrong",
            { volume: { sizeGiB: later(0), type: later("gp2" as const) } },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - volume.sizeGiB must be between 1 and 16384 for type gp2, got 0",
            ],
        ],
    ];
    mistakes.forEach(([what, args, where, expected]) =>
        it(`rejects ${what}, and creates nothing`, async () => {
            const { error, registrations } = await recordFailure(() => make(args), where);
            assert.equal(error.message, refusal(expected));
            assert.ok(RunError.isInstance(error), "Pulumi prints it without a stack trace");
            assert.deepEqual(
                registrations.filter(({ custom }) => custom).map(({ name }) => name),
                [],
            );
        }),
    );

    it("tells those that are known in a preview, whatever else isn't known yet", async () => {
        const { error } = await recordFailure(
            () => {
                const { arn: kmsKeyId } = new aws.kms.Key("key");
                const moves = [{ zone: kmsKeyId }, { zone: "eu-west-1z" }];
                return make({
                    volume: { sizeGiB: 1, encrypted: true, kmsKeyId },
                    overrides: { "1": { volumeId: "vol-9" }, "2": { moves } },
                });
            },
            world,
            { preview: true, others: { "aws:kms/key:Key": {} } },
        );
        assert.match(error.message, /overrides\.1\.volumeId must be a volume of this account and region/);
        assert.match(error.message, /overrides\.2\.moves\.1\.zone: no availability zone "eu-west-1z"/);
    });

    it("creates no resources when the provider can't be asked yet", async () => {
        const { error, of } = await recordFailure(make, { configured: false }, { hooks: true });
        assert.equal(
            error.message,
            refusal([
                "availability zones can't be queried yet:",
                "  - the AWS provider's settings depend on resources that don't exist yet: create those first " +
                    "(pulumi up --target), or give the provider plain settings",
            ]),
        );
        assert.deepEqual(of(volumeType), {});
    });

    it("rejects an override that is known only after the volume exists in another zone", async () => {
        const overrides = { "2": { zone: "eu-west-1b" } };
        const actualZones = { "jenkins-2": "eu-west-1c" };
        const { error, of } = await recordFailure(() => make({ overrides }), world, { actualZones });
        assert.equal(
            error.message,
            "the volume of overrides.2.zone exists in another zone:\n" +
                '  - overrides.2.zone must be eu-west-1c, where the volume is and stays, or be left out, got "eu-west-1b"',
        );
        assert.equal(of(persistentVolumeType)["jenkins-2"], undefined);
    });

    it("rejects a region that is known only after the volume exists in another one", async () => {
        const actualZones = { "jenkins-2": "eu-central-1c" };
        const { error, of } = await recordFailure(() => make({ region: "eu-west-1" }), world, {
            actualZones,
        });
        assert.equal(
            error.message,
            "the volume of ordinal 2 exists in another region:\n" +
                '  - region must be eu-central-1, where the volume is and stays, or be left out, got "eu-west-1"',
        );
        assert.equal(of(persistentVolumeType)["jenkins-2"], undefined);
    });

    it("rejects plain args before anything is registered", async () => {
        const { error, registrations } = await recordFailure(
            () => make({ count: 0, volume: { sizeGiB: 0 }, zones: [] }),
            world,
        );
        assert.equal(
            error.message,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - zones must name at least one availability zone, got []",
                "  - count must be a whole number between 1 and 10000, got 0",
                "  - volume.sizeGiB must be between 1 and 65536 for type gp3, got 0",
            ].join("\n"),
        );
        assert.deepEqual(
            registrations.map(({ type }) => type),
            ["pulumi:pulumi:Stack"],
        );
    });
});
