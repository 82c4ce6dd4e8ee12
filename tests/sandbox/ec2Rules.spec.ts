import {
    AttachVolumeCommand,
    CreateSnapshotCommand,
    CreateTagsCommand,
    CreateVolumeCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
    DescribeVolumesModificationsCommand,
    DetachVolumeCommand,
    EnableEbsEncryptionByDefaultCommand,
    GetEbsDefaultKmsKeyIdCommand,
    GetEbsEncryptionByDefaultCommand,
    ModifySnapshotTierCommand,
    ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import type {
    CreateVolumeCommandInput,
    EC2Client,
    ModifyVolumeCommandInput,
    Tag,
    Volume,
} from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { advanceClock, changeAccount, readAccount, resetAccount } from "../../sandbox/ec2/account";
import type { AccountSettings } from "../../sandbox/ec2/account";
import { ec2Client, startInstances } from "../../sandbox/ec2/instances";
import { startOnlyEc2 } from "../../sandbox/servers";

const zone = "eu-west-1a";
const day = 24 * 60 * 60;
const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const arnOfKey = /^arn:aws:kms:eu-west-1:123456789012:key\/[0-9a-f-]{36}$/;

describe("the sandbox's EC2, by EC2's rules", function () {
    this.timeout(60_000);

    const directory = mkdtempSync(path.join(tmpdir(), "sandbox-ec2-"));
    let ec2: Awaited<ReturnType<typeof startOnlyEc2>>;
    let client: EC2Client;

    before(async function () {
        this.timeout(300_000);
        ec2 = await startOnlyEc2({ directory, mode: "attached", report: () => undefined });
        client = ec2Client(ec2, { maxAttempts: 1 });
    });

    beforeEach(() => resetAccount(ec2));

    after(async () => {
        client.destroy();
        await ec2.stop();
        rmSync(directory, { recursive: true, force: true });
    });

    const change = (settings: Partial<AccountSettings>) => changeAccount(ec2, settings);

    const create = async (settings: Partial<CreateVolumeCommandInput> = {}): Promise<string> => {
        const size = settings.SnapshotId === undefined && { Size: 10 };
        const command = new CreateVolumeCommand({ AvailabilityZone: zone, ...size, ...settings });
        return (await client.send(command)).VolumeId!;
    };
    const volume = async (id: string): Promise<Volume> =>
        (await client.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!;
    const created = async (settings?: Partial<CreateVolumeCommandInput>) => volume(await create(settings));
    const modify = (VolumeId: string, settings: Partial<ModifyVolumeCommandInput>) =>
        client.send(new ModifyVolumeCommand({ VolumeId, ...settings }));
    const modification = async (id: string) => {
        const command = new DescribeVolumesModificationsCommand({ VolumeIds: [id] });
        return (await client.send(command)).VolumesModifications![0]!;
    };
    const createSnapshot = async (VolumeId: string): Promise<string> =>
        (await client.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId!;
    const snapshot = async (id: string) =>
        (await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots![0]!;
    const instance = async (inZone = zone) => {
        const group = { cluster: "a.k8s.local", role: "node", zone: inZone } as const;
        const [started] = await startInstances(ec2, [group]);
        return started!.id;
    };
    const attach = (VolumeId: string, InstanceId: string) =>
        client.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: "/dev/sdf" }));

    /** Runs a case in a region of its own, for rules that count what a region holds. */
    const emptyRegion = async (
        region: string,
        run: (elsewhere: typeof ec2, createThere: typeof create) => Promise<void>,
    ) => {
        const elsewhere = { ...ec2, region };
        const own = ec2Client(elsewhere, { maxAttempts: 1 });
        const createThere = async (settings?: Partial<CreateVolumeCommandInput>) => {
            const command = new CreateVolumeCommand({
                AvailabilityZone: `${region}a`,
                Size: 10,
                ...settings,
            });
            return (await own.send(command)).VolumeId!;
        };
        await run(elsewhere, createThere).finally(() => own.destroy());
    };

    const refuses = async (call: Promise<unknown>, code: string, message: RegExp) => {
        await assert.rejects(call, (error: Error) => {
            assert.equal(error.name, code, error.message);
            assert.match(error.message, message);
            return true;
        });
    };
    /** [settings, code, message] */
    type Refusal = readonly [Partial<CreateVolumeCommandInput>, string, RegExp];

    describe("IOPS and throughput", () => {
        const cases: readonly [Partial<CreateVolumeCommandInput>, number | undefined, number | undefined][] =
            [
                [{ Size: 10 }, 100, undefined],
                [{ VolumeType: "gp2", Size: 2000 }, 6000, undefined],
                [{ VolumeType: "gp2", Size: 16384 }, 16000, undefined],
                [{ VolumeType: "gp3", Size: 1 }, 3000, 125],
                [{ VolumeType: "gp3", Size: 100, Iops: 6000, Throughput: 250 }, 6000, 250],
                [{ VolumeType: "io1", Iops: 500 }, 500, undefined],
                [{ VolumeType: "io2", Iops: 10000 }, 10000, undefined],
                [{ VolumeType: "st1", Size: 125 }, undefined, undefined],
                [{ VolumeType: "sc1", Size: 125 }, undefined, undefined],
                [{ VolumeType: "standard" }, undefined, undefined],
            ];
        for (const [settings, iops, throughput] of cases) {
            it(`gives ${JSON.stringify(settings)} ${iops} IOPS and ${throughput} MiB/s`, async () => {
                const command = new CreateVolumeCommand({ AvailabilityZone: zone, Size: 10, ...settings });
                const answer = await client.send(command);
                assert.deepEqual([answer.Iops, answer.Throughput], [iops, throughput]);
                const { Iops, Throughput } = await volume(answer.VolumeId!);
                assert.deepEqual([Iops, Throughput], [iops, throughput]);
            });
        }

        const changes: readonly [
            Partial<CreateVolumeCommandInput>,
            Partial<ModifyVolumeCommandInput>,
            number | undefined,
            number | undefined,
        ][] = [
            [{ VolumeType: "gp2" }, { Size: 100 }, 300, undefined],
            [{ VolumeType: "gp2" }, { VolumeType: "gp3" }, 3000, 125],
            [{ VolumeType: "gp2", Size: 2000 }, { VolumeType: "gp3" }, 6000, 250],
            [{ VolumeType: "st1", Size: 125 }, { VolumeType: "gp3" }, 3000, 125],
            [{ VolumeType: "io1", Iops: 500 }, { VolumeType: "gp3" }, 3000, 125],
            [{ VolumeType: "gp3", Iops: 5000, Throughput: 250 }, { Size: 20 }, 5000, 250],
            [{ VolumeType: "gp3" }, { Iops: 4000, Throughput: 500 }, 4000, 500],
            [{ VolumeType: "gp3", Throughput: 250 }, { VolumeType: "gp2" }, 100, undefined],
            [{ VolumeType: "gp3", Iops: 4000 }, { VolumeType: "io2" }, 3000, undefined],
            [{ VolumeType: "gp3", Size: 125 }, { VolumeType: "st1" }, undefined, undefined],
        ];
        for (const [before, wanted, iops, throughput] of changes) {
            const title = `${JSON.stringify(before)} to ${JSON.stringify(wanted)}`;
            it(`gives ${iops} IOPS and ${throughput} MiB/s after ${title}`, async () => {
                const id = await create(before);
                await modify(id, wanted);
                const after = await volume(id);
                assert.deepEqual([after.Iops, after.Throughput], [iops, throughput]);
                assert.equal(after.VolumeType, wanted.VolumeType ?? before.VolumeType);
                assert.equal(after.Size, wanted.Size ?? before.Size ?? 10);
            });
        }
    });

    describe("CreateVolume", () => {
        const value = "InvalidParameterValue";
        const combination = "InvalidParameterCombination";
        const refusals: readonly Refusal[] = [
            [{ VolumeType: "gp9" as "gp3" }, "UnknownVolumeType", /'gp9'/],
            [{ VolumeType: "st1", Size: 124 }, value, /at least 125 GiB/],
            [{ VolumeType: "io1", Size: 3, Iops: 100 }, value, /at least 4 GiB/],
            [{ VolumeType: "gp2", Size: 16385 }, value, /maximum is 16384GiB/],
            [{ VolumeType: "gp3", Size: 65537 }, value, /maximum is 65536GiB/],
            [{ VolumeType: "standard", Size: 1025 }, value, /maximum is 1024GiB/],
            [{ VolumeType: "gp3", Iops: 100 }, value, /^Volume iops of 100 is too low; minimum is 3000\.$/],
            [{ VolumeType: "gp3", Iops: 0 }, value, /^Volume iops of 0 is too low; minimum is 3000\.$/],
            [{ VolumeType: "gp3", Size: 1000, Iops: 80001 }, value, /too high; maximum is 80000/],
            [{ VolumeType: "gp3", Iops: 5001 }, value, /ratio of 500\.1\d+ is too high; maximum is 500/],
            [{ VolumeType: "io1", Iops: 99 }, value, /too low; minimum is 100/],
            [{ VolumeType: "io1", Iops: 501 }, value, /maximum is 50\./],
            [{ VolumeType: "io2", Size: 1000, Iops: 256001 }, value, /maximum is 256000/],
            [{ VolumeType: "io2", Iops: 10001 }, value, /maximum is 1000\./],
            [{ VolumeType: "gp3", Throughput: 124 }, value, /too low; minimum is 125/],
            [{ VolumeType: "gp3", Throughput: 2001 }, value, /too high; maximum is 2000/],
            [
                { VolumeType: "gp3", Throughput: 751 },
                value,
                /Throughput \(MiBps\) to iops ratio of 0\.250333/,
            ],
            [{ VolumeType: "gp2", Iops: 3000 }, combination, /iops is not supported for gp2 volumes/],
            [{ VolumeType: "st1", Size: 125, Iops: 0 }, combination, /iops is not supported for st1 volumes/],
            [{ VolumeType: "io1" }, combination, /iops must be specified for io1 volumes/],
            [{ VolumeType: "gp2", Throughput: 125 }, combination, /throughput is not supported for gp2/],
            [{ VolumeType: "gp3", MultiAttachEnabled: true }, combination, /multi-attach-enabled/],
            [{ AvailabilityZone: "eu-west-1z" }, "InvalidZone.NotFound", /'eu-west-1z' does not exist/],
            [{ AvailabilityZone: undefined }, "MissingParameter", /zone/],
            [{ Size: undefined }, "MissingParameter", /size\/snapshot/],
            [{ KmsKeyId: key }, "InvalidParameterDependency", /KmsKeyId.* requires the parameter Encrypted/],
            [{ KmsKeyId: key, Encrypted: false }, "InvalidParameterDependency", /KmsKeyId/],
            [{ SnapshotId: "snap-0123456789abcdef0", Size: 1 }, "InvalidSnapshot.NotFound", /./],
            [{ VolumeInitializationRate: 100 }, combination, /not created from a snapshot/],
        ];
        for (const [settings, code, message] of refusals) {
            const title = JSON.stringify(settings, (_, setting: unknown) => setting ?? null);
            it(`refuses ${title} as ${code}`, () => refuses(create(settings), code, message));
        }

        it("takes a zone by its id", async () => {
            const settings = { AvailabilityZone: undefined, AvailabilityZoneId: "euw1-az3" };
            assert.equal((await created(settings)).AvailabilityZone, "eu-west-1a");
        });

        it("answers a repeated request as before, and refuses its token for another one", async () => {
            const ClientToken = "a-token";
            const id = await create({ ClientToken });
            assert.equal(await create({ ClientToken }), id);
            await refuses(
                create({ ClientToken, Size: 11 }),
                "IdempotentParameterMismatch",
                /same client token/,
            );
        });

        it("refuses more storage of a type than the quota", async () => {
            await emptyRegion("eu-west-2", async (elsewhere, createThere) => {
                await changeAccount(elsewhere, { volumeQuotaGiB: 1024 });
                await createThere({ VolumeType: "sc1", Size: 1000 });
                await createThere({ VolumeType: "st1", Size: 1000 });
                const more = createThere({ VolumeType: "sc1", Size: 125 });
                await refuses(more, "VolumeLimitExceeded", /maximum sc1 storage limit of 1024 GiB/);
            });
        });

        it("creates a volume for as long as the account says", async () => {
            await change({ creationSeconds: 60 });
            const id = await create();
            assert.equal((await volume(id)).State, "creating");
            await refuses(modify(id, { Size: 20 }), "IncorrectState", /available or in-use/);
            await refuses(
                client.send(new DeleteVolumeCommand({ VolumeId: id })),
                "IncorrectState",
                /'creating'/,
            );
            await advanceClock(ec2, 60);
            assert.equal((await volume(id)).State, "available");
        });
    });

    describe("snapshots", () => {
        it("keep their size when the volume grows, and refuse smaller volumes", async () => {
            const id = await create();
            const SnapshotId = await createSnapshot(id);
            await modify(id, { Size: 20 });
            assert.equal((await snapshot(SnapshotId)).VolumeSize, 10);
            assert.equal((await created({ SnapshotId })).Size, 10);
            const smaller = create({ SnapshotId, Size: 9 });
            await refuses(smaller, "InvalidParameterValue", /smaller than snapshot.*expect size >= 10GB/);
        });

        it("are pending for as long as the account says, and give no volume before", async () => {
            await change({ snapshotSeconds: 100 });
            const SnapshotId = await createSnapshot(await create());
            await advanceClock(ec2, 50);
            const pending = await snapshot(SnapshotId);
            assert.equal(pending.State, "pending");
            assert.match(pending.Progress!, /^5\d%$/);
            await refuses(create({ SnapshotId }), "IncorrectState", /invalid state - pending/);
            await advanceClock(ec2, 50);
            const { State, Progress } = await snapshot(SnapshotId);
            assert.deepEqual([State, Progress], ["completed", "100%"]);
            await create({ SnapshotId });
        });

        it("are pending in the answer and completed right after it by default", async () => {
            const command = new CreateSnapshotCommand({ VolumeId: await create() });
            const { State, SnapshotId } = await client.send(command);
            assert.equal(State, "pending");
            assert.equal((await snapshot(SnapshotId!)).State, "completed");
        });

        it("give no volume while they are archived", async () => {
            const SnapshotId = await createSnapshot(await create());
            await client.send(new ModifySnapshotTierCommand({ SnapshotId, StorageTier: "archive" }));
            const inTier = async (tier: string) => {
                const Filters = [
                    { Name: "snapshot-id", Values: [SnapshotId] },
                    { Name: "storage-tier", Values: [tier] },
                ];
                return (await client.send(new DescribeSnapshotsCommand({ Filters }))).Snapshots!.length;
            };
            assert.deepEqual([await inTier("archive"), await inTier("standard")], [1, 0]);
            await refuses(create({ SnapshotId }), "IncorrectState", /archive/);
        });

        it("give volumes their initialization rate, within its range", async () => {
            const SnapshotId = await createSnapshot(await create());
            const { VolumeInitializationRate } = await created({ SnapshotId, VolumeInitializationRate: 200 });
            assert.equal(VolumeInitializationRate, 200);
            const outside = create({ SnapshotId, VolumeInitializationRate: 301 });
            await refuses(outside, "InvalidParameterValue", /VolumeInitializationRate/);
        });
    });

    describe("encryption", () => {
        const encryption = async (settings?: Partial<CreateVolumeCommandInput>) => {
            const { Encrypted, KmsKeyId } = await created(settings);
            return { Encrypted, KmsKeyId };
        };
        const plain = { Encrypted: false, KmsKeyId: undefined };

        it("is the volume's own business by default", async () => {
            assert.deepEqual(await encryption(), plain);
            assert.deepEqual(await encryption({ Encrypted: false }), plain);
            const { Encrypted, KmsKeyId } = await encryption({ Encrypted: true });
            assert.equal(Encrypted, true);
            assert.match(KmsKeyId!, arnOfKey);
            assert.deepEqual(await encryption({ Encrypted: true, KmsKeyId: key }), {
                Encrypted,
                KmsKeyId: key,
            });
        });

        it("answers a key that was given by its id with its ARN", async () => {
            const KmsKeyId = key.split("/")[1];
            assert.equal((await encryption({ Encrypted: true, KmsKeyId })).KmsKeyId, key);
        });

        it("by default encrypts every volume, even one that asks not to be", async () => {
            await change({ encryptionByDefault: true });
            for (const settings of [{}, { Encrypted: false }]) {
                const { Encrypted, KmsKeyId } = await encryption(settings);
                assert.equal(Encrypted, true);
                assert.match(KmsKeyId!, arnOfKey);
            }
            const given = await encryption({ Encrypted: true, KmsKeyId: key });
            assert.deepEqual(given, { Encrypted: true, KmsKeyId: key });
        });

        it("by default can be set and asked for by EC2's own API", async () => {
            const isOn = async () =>
                (await client.send(new GetEbsEncryptionByDefaultCommand())).EbsEncryptionByDefault;
            assert.equal(await isOn(), false);
            await client.send(new EnableEbsEncryptionByDefaultCommand());
            assert.equal(await isOn(), true);
            assert.equal((await readAccount(ec2)).encryptionByDefault, true);
            const { KmsKeyId } = await client.send(new GetEbsDefaultKmsKeyIdCommand());
            assert.equal(KmsKeyId, "alias/aws/ebs");
        });

        it("comes from the snapshot, with its key", async () => {
            const SnapshotId = await createSnapshot(await create({ Encrypted: true, KmsKeyId: key }));
            const { Encrypted, KmsKeyId } = await snapshot(SnapshotId);
            assert.deepEqual({ Encrypted, KmsKeyId }, { Encrypted: true, KmsKeyId: key });
            for (const settings of [{}, { Encrypted: false }, { Encrypted: true }]) {
                assert.deepEqual(await encryption({ SnapshotId, ...settings }), {
                    Encrypted: true,
                    KmsKeyId: key,
                });
            }
        });

        it("can be added to an unencrypted snapshot", async () => {
            const SnapshotId = await createSnapshot(await create());
            assert.deepEqual(await encryption({ SnapshotId }), plain);
            const given = await encryption({ SnapshotId, Encrypted: true, KmsKeyId: key });
            assert.deepEqual(given, { Encrypted: true, KmsKeyId: key });
        });

        for (const [title, settings, keysWithoutRights] of [
            ["a key without rights", { Encrypted: true, KmsKeyId: key }, [key]],
            ["a key without rights, by its id", { Encrypted: true, KmsKeyId: key }, [key.split("/")[1]!]],
            ["the default key without rights", { Encrypted: true }, ["alias/aws/ebs"]],
            ["an alias that no key has", { Encrypted: true, KmsKeyId: "alias/nothing" }, []],
        ] as const) {
            it(`with ${title} answers like a success, and the volume is gone`, async () => {
                await change({ keysWithoutRights });
                const id = await create(settings);
                await refuses(volume(id), "InvalidVolume.NotFound", new RegExp(id));
            });
        }

        it("with a key without rights shows the volume while it is created", async () => {
            await change({ keysWithoutRights: [key], creationSeconds: 60 });
            const id = await create({ Encrypted: true, KmsKeyId: key });
            assert.equal((await volume(id)).State, "creating");
            await advanceClock(ec2, 60);
            await refuses(volume(id), "InvalidVolume.NotFound", new RegExp(id));
        });
    });

    describe("ModifyVolume", () => {
        it("refuses an empty modification", async () => {
            const message =
                /^Invalid input: Must specify at least one of size, type, iops, throughput or multi-attach/;
            await refuses(modify(await create(), {}), "InvalidParameterValue", message);
        });

        it("refuses to shrink", async () => {
            const smaller = modify(await create(), { Size: 9 });
            await refuses(
                smaller,
                "InvalidParameterValue",
                /^New size cannot be smaller than existing size$/,
            );
        });

        it("refuses what CreateVolume refuses", async () => {
            const id = await create({ VolumeType: "gp2" });
            const value = "InvalidParameterValue";
            await refuses(modify(id, { VolumeType: "gp3", Iops: 100 }), value, /too low; minimum is 3000/);
            await refuses(modify(id, { VolumeType: "st1" }), value, /at least 125 GiB/);
            await refuses(modify(id, { Iops: 3000 }), "InvalidParameterCombination", /not supported for gp2/);
        });

        it("refuses a volume that isn't there", () =>
            refuses(
                modify("vol-0123456789abcdef0", { Size: 20 }),
                "InvalidVolume.NotFound",
                /does not exist/,
            ));

        it("goes through modifying and optimizing, and refuses another one meanwhile", async () => {
            await change({ modificationSeconds: 100 });
            const id = await create({ VolumeType: "gp3" });
            const answer = (await modify(id, { Size: 20, Iops: 4000 })).VolumeModification!;
            assert.equal(answer.ModificationState, "modifying");
            assert.deepEqual([answer.OriginalSize, answer.TargetSize], [10, 20]);
            assert.deepEqual([answer.OriginalIops, answer.TargetIops], [3000, 4000]);
            assert.equal((await volume(id)).Size, 10);
            const another = () => modify(id, { Size: 30 });
            await refuses(another(), "IncorrectModificationState", /modification state MODIFYING/);

            await advanceClock(ec2, 50);
            assert.equal((await modification(id)).ModificationState, "optimizing");
            assert.equal((await volume(id)).Size, 20);
            await refuses(another(), "IncorrectModificationState", /modification state OPTIMIZING/);

            await advanceClock(ec2, 50);
            const done = await modification(id);
            assert.deepEqual([done.ModificationState, done.Progress], ["completed", 100]);
            await another();
        });

        it("refuses the fifth within 24 hours, whatever it changes, and takes it after them", async () => {
            const id = await create({ VolumeType: "gp3" });
            for (let call = 1; call <= 4; call++) {
                await modify(id, { Throughput: 125 });
                await advanceClock(ec2, 60);
            }
            const fifth = () => modify(id, { Size: 20 });
            await refuses(fifth(), "VolumeModificationRateExceeded", /maximum modification rate per volume/);
            await advanceClock(ec2, day - 4 * 60);
            await fifth();
            await refuses(fifth(), "VolumeModificationRateExceeded", /Wait until 2\d{3}-.*Z before/);
        });

        it("doesn't count what it refused", async () => {
            const id = await create();
            for (let call = 1; call <= 5; call++) {
                await refuses(modify(id, { Size: 1 }), "InvalidParameterValue", /smaller/);
            }
            await modify(id, { Size: 20 });
        });

        it("has nothing to describe for a volume that was never modified", async () => {
            const id = await create();
            await refuses(modification(id), "InvalidVolumeModification.NotFound", new RegExp(id));
        });

        it("is found by its state", async () => {
            const id = await create();
            await modify(id, { Size: 20 });
            const Filters = [
                { Name: "volume-id", Values: [id] },
                { Name: "modification-state", Values: ["completed"] },
            ];
            const command = new DescribeVolumesModificationsCommand({ Filters });
            assert.equal((await client.send(command)).VolumesModifications!.length, 1);
        });
    });

    describe("attachments", () => {
        it("are attaching and detaching for as long as the account says", async () => {
            await change({ attachmentSeconds: 60 });
            const [VolumeId, InstanceId] = [await create(), await instance()];
            const state = async () => {
                const { State, Attachments = [] } = await volume(VolumeId);
                return [State, ...Attachments.map((each) => each.State)];
            };
            await attach(VolumeId, InstanceId);
            assert.deepEqual(await state(), ["in-use", "attaching"]);
            await advanceClock(ec2, 60);
            assert.deepEqual(await state(), ["in-use", "attached"]);
            await client.send(new DetachVolumeCommand({ VolumeId }));
            assert.deepEqual(await state(), ["in-use", "detaching"]);
            await advanceClock(ec2, 60);
            assert.deepEqual(await state(), ["available"]);
            await refuses(
                client.send(new DetachVolumeCommand({ VolumeId })),
                "IncorrectState",
                /'available' state/,
            );
        });

        it("keep a volume from being deleted or attached again", async () => {
            const [VolumeId, InstanceId] = [await create(), await instance()];
            await attach(VolumeId, InstanceId);
            await refuses(attach(VolumeId, await instance()), "VolumeInUse", /already attached/);
            const deletion = () => client.send(new DeleteVolumeCommand({ VolumeId }));
            await refuses(deletion(), "VolumeInUse", new RegExp(`attached to ${InstanceId}`));
            await client.send(new DetachVolumeCommand({ VolumeId, InstanceId }));
            await deletion();
            await refuses(volume(VolumeId), "InvalidVolume.NotFound", new RegExp(VolumeId));
        });

        it("are refused in another zone", async () => {
            const elsewhere = await instance("eu-west-1b");
            await refuses(
                attach(await create(), elsewhere),
                "InvalidVolume.ZoneMismatch",
                /same availability zone/,
            );
        });
    });

    describe("tags", () => {
        const numbered = (count: number, prefix = "tag"): Tag[] =>
            Array.from({ length: count }, (_, n) => ({ Key: `${prefix}${n}`, Value: "" }));
        const tagged = (Tags: Tag[]) => ({ TagSpecifications: [{ ResourceType: "volume" as const, Tags }] });
        const all = async () => (await client.send(new DescribeVolumesCommand())).Volumes!.length;

        it("are at most 50 of a new volume, which isn't created with more", async () => {
            await create(tagged(numbered(50)));
            const before = await all();
            await refuses(create(tagged(numbered(51))), "TagLimitExceeded", /maximum number of Tags/);
            assert.equal(await all(), before);
        });

        it("are at most 50 of a volume that is there", async () => {
            const id = await create(tagged(numbered(49)));
            const add = (tags: Tag[]) => client.send(new CreateTagsCommand({ Resources: [id], Tags: tags }));
            await add([{ Key: "tag0", Value: "changed" }]);
            await add([{ Key: "last", Value: "" }]);
            await refuses(add([{ Key: "more", Value: "" }]), "TagLimitExceeded", /maximum number of Tags/);
            assert.equal((await volume(id)).Tags!.length, 50);
        });

        for (const [tag, message] of [
            [{ Key: "aws:name", Value: "" }, /Tag keys starting with 'aws:' are reserved/],
            [{ Key: "AWS:name", Value: "" }, /Tag keys starting with 'aws:' are reserved/],
            [{ Key: "k".repeat(128), Value: "" }, /Tag key exceeds the maximum length of 127/],
            [{ Key: "name", Value: "v".repeat(257) }, /Tag value exceeds the maximum length of 256/],
        ] as const) {
            it(`refuses a tag of ${tag.Key.slice(0, 9)}, ${tag.Key.length} and ${tag.Value.length} long`, async () => {
                await refuses(create(tagged([tag])), "InvalidParameterValue", message);
                const id = await create();
                const add = new CreateTagsCommand({ Resources: [id], Tags: [tag] });
                await refuses(client.send(add), "InvalidParameterValue", message);
                const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: [tag] }];
                const copy = new CreateSnapshotCommand({ VolumeId: id, TagSpecifications });
                await refuses(client.send(copy), "InvalidParameterValue", message);
            });
        }

        it("are refused when a key comes twice", () => {
            const twice = [...numbered(1), ...numbered(1)];
            return refuses(create(tagged(twice)), "InvalidParameterValue", /Duplicate tag key 'tag0'/);
        });
    });

    describe("the account", () => {
        it("has settings for each region, and keeps what isn't named", async () => {
            await change({ snapshotSeconds: 5 });
            await change({ keysWithoutRights: [key] });
            const { snapshotSeconds, keysWithoutRights } = await readAccount(ec2);
            assert.deepEqual(
                { snapshotSeconds, keysWithoutRights },
                { snapshotSeconds: 5, keysWithoutRights: [key] },
            );
            assert.equal((await readAccount({ ...ec2, region: "us-east-1" })).snapshotSeconds, 0);
            assert.equal((await resetAccount(ec2)).snapshotSeconds, 0);
        });

        it("refuses settings that it hasn't got, and values of another type", async () => {
            const misspelt = change({ snapshotSecond: 5 } as Partial<AccountSettings>);
            await assert.rejects(misspelt, /no setting snapshotSecond: available are .*snapshotSeconds/);
            const quoted = change({ snapshotSeconds: "5" } as unknown as Partial<AccountSettings>);
            await assert.rejects(quoted, /snapshotSeconds must be float, got "5"/);
            await assert.rejects(
                advanceClock(ec2, -1),
                /advanceSeconds must be a number of at least 0, got -1/,
            );
        });

        it("is 123456789012 to whoever asks STS", async () => {
            const response = await fetch(ec2.ec2Endpoint, {
                method: "POST",
                headers: {
                    "content-type": "application/x-www-form-urlencoded",
                    authorization:
                        "AWS4-HMAC-SHA256 Credential=testing/20261124/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0",
                },
                body: "Action=GetCallerIdentity&Version=2011-06-15",
            });
            assert.match(await response.text(), /<Account>123456789012<\/Account>/);
        });

        it("holds its rules when requests come at once", async () => {
            await emptyRegion("eu-west-3", async (elsewhere, createThere) => {
                await changeAccount(elsewhere, { volumeQuotaGiB: 5000 });
                const calls = Array.from({ length: 20 }, () => createThere({ Size: 500 }));
                const made = (await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled");
                assert.equal(made.length, 10);
            });
        });
    });
});
