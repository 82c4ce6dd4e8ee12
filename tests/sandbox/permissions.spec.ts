import { CreateVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { actionsOf, grants, policyOf } from "../../permissions/iamRights";
import type { Grant } from "../../permissions/iamRights";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { ec2Client } from "../../sandbox/ec2/instances";
import { faultyServers } from "../../sandbox/faults";
import type { FaultyServers } from "../../sandbox/faults";
import { IamGuard } from "../../sandbox/iam/guard";
import { AwsProvider } from "../../sandbox/providers/aws";
import { tagList } from "../../sandbox/providers/tags";
import type { Properties } from "../../sandbox/providers/provider";
import type { Servers } from "../../sandbox/servers";
import { bringUp, firstStart, remainingResources, startSandbox } from "../support/cluster/sandbox";

const cluster = "proyecto.k8s.local";
const names = { REGION: "eu-west-1", ACCOUNT: "123456789012", CLUSTER: cluster, KEY: "1234abcd" };
const kmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
const zone = "eu-west-1b";

/** The AWS permissions in docs/permissions.md, checked by the sandbox's evaluation of the policy. */
describe("IAM policy", function () {
    this.timeout(120_000);

    let servers: Servers;
    let faulty: FaultyServers;
    /** EC2 behind the policy, and the cluster as it is. */
    let behindPolicy: Servers;
    let guard: IamGuard;
    let aws: AwsProvider;
    let admin: EC2Client;
    let end: () => Promise<void>;

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startSandbox(jenkinsOnKops);
        servers = sandbox.servers;
        faulty = await faultyServers(servers, sandbox.directory);
        const { KUBECONFIG = "" } = servers.environment;
        behindPolicy = {
            ...faulty.servers,
            kubeconfig: servers.kubeconfig,
            environment: { ...faulty.servers.environment, KUBECONFIG },
        };
        guard = new IamGuard(servers);
        faulty.ec2.judge = guard.judge;
        const client = (region: string) => ec2Client({ ...faulty.servers, region }, { maxAttempts: 1 });
        aws = new AwsProvider(client, servers.region);
        admin = ec2Client(servers);
        end = async () => {
            faulty.close();
            await sandbox.end();
        };
    });
    after(() => end());
    beforeEach(() => allow(grants));

    const allow = (chosen: readonly Grant[]) => (guard.policy = policyOf(chosen, names));
    const volume = resource(() => aws, "aws:ebs/volume:Volume");
    const copy = resource(() => aws, "aws:ebs/volumeCopy:VolumeCopy");
    const snapshot = resource(() => aws, "aws:ebs/snapshot:Snapshot");
    const backup = resource(() => aws, "aws:dlm/lifecyclePolicy:LifecyclePolicy");
    const query = (name: string, args: Properties) => aws.invoke(`aws:${name}`, args);

    /** All that a stack has its AWS provider do in the life of a disk, one thing after the other. */
    const life = async () => {
        await query("index/getAvailabilityZones:getAvailabilityZones", {});
        await query("ec2/getInstances:getInstances", {});
        const tags = { KubernetesCluster: cluster, team: "a" };
        const asked = { availabilityZone: zone, size: 1, type: "gp3", tags, finalSnapshot: true };
        const { id, properties } = await volume().create(asked);
        await query("ebs/getVolume:getVolume", { filters: [{ name: "volume-id", values: [id] }] });
        const changed = { ...asked, size: 2, tags: { KubernetesCluster: cluster, site: "b" } };
        const grown = await volume().update(id, changed, properties);
        const copied = await copy().create({ sourceVolumeId: id, size: 2, volumeType: "gp3", tags });
        await copy().delete(copied.id, copied.properties);
        const taken = await snapshot().create({ volumeId: id, tags: changed.tags });
        const found = await query("ebs/getSnapshot:getSnapshot", {
            filters: [{ name: "volume-id", values: [id] }],
        });
        assert.equal(found["id"], taken.id);
        await snapshot().update(taken.id, { volumeId: id, tags: { ...tags, site: "c" } }, taken.properties);
        await snapshot().update(
            taken.id,
            { volumeId: id, tags },
            { ...taken.properties, tagsAll: { ...tags, site: "c" } },
        );
        const moved = { ...changed, snapshotId: taken.id, kmsKeyId, encrypted: true };
        const second = await volume().create(moved);
        const policy = await backup().create({ ...backupSettings, tags });
        await backup().update(
            policy.id,
            { ...backupSettings, description: "daily", tags: { KubernetesCluster: cluster, site: "b" } },
            policy.properties,
        );
        await backup().delete(policy.id, policy.properties);
        await volume().delete(second.id, second.properties);
        await volume().delete(id, grown);
    };

    it("allows everything in a disk's life: creation, growth, move, backup, deletion with a last snapshot", async () => {
        guard.asked.clear();
        await life();
        const asked = [...guard.asked].map((action) => action.replace("ReEncryptFrom", "ReEncrypt*"));
        assert.deepEqual(asked.sort(), actionsOf(grants).sort(), "no right is left over");
    });

    grants.forEach((grant) =>
        Object.keys(grant.actions).forEach((action) =>
            it(`has no unneeded right: ${grant.sid} ${action}`, async () => {
                allow(without(grant, action));
                const named = action.replace("*", "From");
                await assert.rejects(life(), new RegExp(`is not authorized to perform: ${named}\\b`));
            }),
        ),
    );

    it("denies changes of what isn't the cluster's", async () => {
        const make = async (tags: Record<string, string>) => {
            const { VolumeId = "" } = await admin.send(
                new CreateVolumeCommand({
                    AvailabilityZone: zone,
                    Size: 1,
                    ...(Object.keys(tags).length > 0 && {
                        TagSpecifications: [{ ResourceType: "volume", Tags: tagList(tags) }],
                    }),
                }),
            );
            return VolumeId;
        };
        const foreigners: Record<string, string>[] = [{}, { KubernetesCluster: "otro.k8s.local" }];
        for (const tags of foreigners) {
            const id = await make(tags);
            const old = { size: 1, tags, tagsAll: tags };
            const refused: [string, () => Promise<unknown>][] = [
                ["ModifyVolume", () => volume().update(id, { size: 2, tags }, old)],
                ["CreateTags", () => volume().update(id, { tags: { KubernetesCluster: cluster } }, old)],
                ["DeleteVolume", () => volume().delete(id, old)],
                [
                    "CopyVolumes",
                    () => copy().create({ sourceVolumeId: id, tags: { KubernetesCluster: cluster } }),
                ],
                ["CreateSnapshot", () => snapshot().create({ volumeId: id, tags })],
            ];
            for (const [action, attempt] of refused) {
                await assert.rejects(attempt, new RegExp(`not authorized to perform: ec2:${action} on`));
            }
            const { Volumes = [] } = await admin.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
            assert.equal(Volumes[0]?.Size, 1);
        }
        const foreign = { availabilityZone: zone, size: 1, tags: { KubernetesCluster: "otro.k8s.local" } };
        await assert.rejects(volume().create(foreign), /not authorized to perform: ec2:CreateVolume on/);
        const policy = {
            ...backupSettings,
            executionRoleArn: "arn:aws:iam::123456789012:role/Administrator",
            tags: foreign.tags,
        };
        await assert.rejects(async () => backup().create(policy), /perform: dlm:CreateLifecyclePolicy/);
        const ours = { ...policy, tags: { KubernetesCluster: cluster } };
        await assert.rejects(
            async () => backup().create(ours),
            /perform: iam:PassRole on resource: arn:aws:iam::123456789012:role\/Administrator/,
        );
    });

    it("needs no right to delete volumes while their storage keeps them", async () => {
        allow(grants.filter(({ sid, feature }) => feature === "volumes" && sid !== "DeleteVolumes"));
        const { errors } = await bringUp(behindPolicy, {
            cluster: { name: cluster },
            storages: { kept: { count: 2, volume: { sizeGiB: 1 } } },
        });
        assert.deepEqual(errors, []);
    });

    const existing = { overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
    const missing: [string, object][] = [
        ["ec2:DescribeAvailabilityZones", {}],
        ["ec2:DescribeInstances", {}],
        ["ec2:DescribeVolumes", existing],
        ["ec2:CreateVolume", {}],
        ["ec2:CreateTags", {}],
    ];
    missing.forEach(([action, different]) =>
        it(`is missed by name when the stack's role lacks a right: ${action}`, async () => {
            allow(grants.flatMap((grant) => but(grant, action)));
            const before = await remainingResources(servers);
            const { errors } = await bringUp(behindPolicy, {
                cluster: { name: cluster },
                storages: { lacking: { count: 2, volume: { sizeGiB: 1 }, ...different } },
            });
            assert.match(errors.join("\n"), new RegExp(`is not authorized to perform: ${action}\\b`));
            assert.doesNotMatch(errors.join("\n"), /^\s+at /m, "no stack trace");
            const added = (await remainingResources(servers)).filter((name) => !before.includes(name));
            assert.deepEqual(
                added.filter((name) => name !== "lacking"),
                [],
            );
        }),
    );
});

const backupSettings = {
    description: "snapshots",
    executionRoleArn: "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole",
    policyDetails: { resourceTypes: ["VOLUME"], targetTags: { backup: "daily" } },
};

function resource(provider: () => AwsProvider, token: string) {
    return () => provider().resourceType(token);
}

/** The policy but for one action of one statement. */
function without(grant: Grant, action: string): Grant[] {
    return grants.flatMap((one) => (one === grant ? but(one, action) : [one]));
}

/** A statement but for one action: none if it had no other. */
function but(grant: Grant, action: string): Grant[] {
    const { [action]: _gone, ...actions } = grant.actions;
    return Object.keys(actions).length > 0 ? [{ ...grant, actions }] : [];
}
