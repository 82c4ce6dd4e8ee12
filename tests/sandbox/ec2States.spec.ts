import {
    CreateSnapshotCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesModificationsCommand,
    DetachVolumeCommand,
    ModifySnapshotTierCommand,
} from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { readAccount, resetAccount } from "../../sandbox/ec2/account";
import type { AccountSettings } from "../../sandbox/ec2/account";
import { assertRefused, useEc2 } from "../support/cluster/ec2";

const day = 24 * 60 * 60;
const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

describe("EC2's rules for volumes in time", function () {
    this.timeout(60_000);

    const {
        servers,
        client,
        change,
        advance,
        create,
        volume,
        created,
        modify,
        modification,
        createSnapshot,
        snapshot,
        instance,
        attach,
        inRegion,
    } = useEc2();

    describe("ModifyVolume", () => {
        it("rejects an empty modification", async () => {
            const message =
                /^Invalid input: Must specify at least one of size, type, iops, throughput or multi-attach/;
            await assertRefused(modify(await create(), {}), "InvalidParameterValue", message);
        });

        it("rejects a smaller size", async () => {
            const smaller = modify(await create(), { Size: 9 });
            await assertRefused(
                smaller,
                "InvalidParameterValue",
                /^New size cannot be smaller than existing size$/,
            );
        });

        it("rejects settings that CreateVolume rejects", async () => {
            const id = await create({ VolumeType: "gp2" });
            const value = "InvalidParameterValue";
            await assertRefused(
                modify(id, { VolumeType: "gp3", Iops: 100 }),
                value,
                /too low; minimum is 3000/,
            );
            await assertRefused(modify(id, { VolumeType: "st1" }), value, /at least 125 GiB/);
            await assertRefused(
                modify(id, { Iops: 3000 }),
                "InvalidParameterCombination",
                /not supported for gp2/,
            );
        });

        it("rejects an unknown volume", () =>
            assertRefused(
                modify("vol-0123456789abcdef0", { Size: 20 }),
                "InvalidVolume.NotFound",
                /does not exist/,
            ));

        it("goes through modifying and optimizing, and rejects another modification meanwhile", async () => {
            await change({ modificationSeconds: 100 });
            const id = await create({ VolumeType: "gp3" });
            const answer = (await modify(id, { Size: 20, Iops: 4000 })).VolumeModification!;
            assert.equal(answer.ModificationState, "modifying");
            assert.deepEqual([answer.OriginalSize, answer.TargetSize], [10, 20]);
            assert.deepEqual([answer.OriginalIops, answer.TargetIops], [3000, 4000]);
            assert.equal((await volume(id)).Size, 10);
            const another = () => modify(id, { Size: 30 });
            await assertRefused(another(), "IncorrectModificationState", /modification state MODIFYING/);

            await advance(50);
            assert.equal((await modification(id)).ModificationState, "optimizing");
            assert.equal((await volume(id)).Size, 20);
            await assertRefused(another(), "IncorrectModificationState", /modification state OPTIMIZING/);

            await advance(50);
            const done = await modification(id);
            assert.deepEqual([done.ModificationState, done.Progress], ["completed", 100]);
            await another();
        });

        it("returns state modifying, and is completed right after by default", async () => {
            const id = await create();
            const { VolumeModification } = await modify(id, { Size: 20 });
            assert.equal(VolumeModification!.ModificationState, "modifying");
            assert.equal((await modification(id)).ModificationState, "completed");
        });

        it("rejects the fifth modification within 24 hours, whatever it changes, and accepts it later", async () => {
            const id = await create({ VolumeType: "gp3" });
            for (let call = 1; call <= 4; call++) {
                await modify(id, { Throughput: 125 });
                await advance(60);
            }
            const fifth = () => modify(id, { Size: 20 });
            await assertRefused(
                fifth(),
                "VolumeModificationRateExceeded",
                /maximum modification rate per volume/,
            );
            await advance(day - 4 * 60);
            await fifth();
            await assertRefused(fifth(), "VolumeModificationRateExceeded", /Wait until 2\d{3}-.*Z before/);
        });

        it("doesn't count rejected modifications", async () => {
            const id = await create();
            for (let call = 1; call <= 5; call++) {
                await assertRefused(modify(id, { Size: 1 }), "InvalidParameterValue", /smaller/);
            }
            await modify(id, { Size: 20 });
        });

        it("describes no modification of a volume that was never modified", async () => {
            const id = await create();
            await assertRefused(modification(id), "InvalidVolumeModification.NotFound", new RegExp(id));
        });

        it("filters modifications by state", async () => {
            const id = await create();
            await modify(id, { Size: 20 });
            const Filters = [
                { Name: "volume-id", Values: [id] },
                { Name: "modification-state", Values: ["completed"] },
            ];
            const command = new DescribeVolumesModificationsCommand({ Filters });
            assert.equal((await client().send(command)).VolumesModifications!.length, 1);
        });
    });

    describe("snapshots", () => {
        it("keep their size when the volume grows, and reject smaller volumes", async () => {
            const id = await create();
            const SnapshotId = await createSnapshot(id);
            await modify(id, { Size: 20 });
            assert.equal((await snapshot(SnapshotId)).VolumeSize, 10);
            assert.equal((await created({ SnapshotId })).Size, 10);
            const smaller = create({ SnapshotId, Size: 9 });
            await assertRefused(
                smaller,
                "InvalidParameterValue",
                /smaller than snapshot.*expect size >= 10GB/,
            );
        });

        it("are pending for the time that the account is set to, and make no volume before its end", async () => {
            await change({ snapshotSeconds: 100 });
            const SnapshotId = await createSnapshot(await create());
            await advance(50);
            const pending = await snapshot(SnapshotId);
            assert.equal(pending.State, "pending");
            assert.match(pending.Progress!, /^5\d%$/);
            await assertRefused(create({ SnapshotId }), "IncorrectState", /invalid state - pending/);
            await advance(50);
            const { State, Progress } = await snapshot(SnapshotId);
            assert.deepEqual([State, Progress], ["completed", "100%"]);
            await create({ SnapshotId });
        });

        it("are pending in the answer and completed right after it by default", async () => {
            const command = new CreateSnapshotCommand({ VolumeId: await create() });
            const { State, SnapshotId } = await client().send(command);
            assert.equal(State, "pending");
            assert.equal((await snapshot(SnapshotId!)).State, "completed");
        });

        it("make no volume while they are archived", async () => {
            const SnapshotId = await createSnapshot(await create());
            await client().send(new ModifySnapshotTierCommand({ SnapshotId, StorageTier: "archive" }));
            const inTier = async (tier: string) => {
                const Filters = [
                    { Name: "snapshot-id", Values: [SnapshotId] },
                    { Name: "storage-tier", Values: [tier] },
                ];
                return (await client().send(new DescribeSnapshotsCommand({ Filters }))).Snapshots!.length;
            };
            assert.deepEqual([await inTier("archive"), await inTier("standard")], [1, 0]);
            await assertRefused(create({ SnapshotId }), "IncorrectState", /archive/);
        });

        it("accept an initialization rate within its range", async () => {
            const SnapshotId = await createSnapshot(await create());
            const { VolumeInitializationRate } = await created({ SnapshotId, VolumeInitializationRate: 200 });
            assert.equal(VolumeInitializationRate, 200);
            const outside = create({ SnapshotId, VolumeInitializationRate: 301 });
            await assertRefused(outside, "InvalidParameterValue", /VolumeInitializationRate/);
        });
    });

    describe("attachments", () => {
        it("are attaching and detaching for the time that the account is set to", async () => {
            await change({ attachmentSeconds: 60 });
            const [VolumeId, InstanceId] = [await create(), await instance()];
            const state = async () => {
                const { State, Attachments = [] } = await volume(VolumeId);
                return [State, ...Attachments.map((each) => each.State)];
            };
            await attach(VolumeId, InstanceId);
            assert.deepEqual(await state(), ["in-use", "attaching"]);
            await advance(60);
            assert.deepEqual(await state(), ["in-use", "attached"]);
            await client().send(new DetachVolumeCommand({ VolumeId }));
            assert.deepEqual(await state(), ["in-use", "detaching"]);
            await advance(60);
            assert.deepEqual(await state(), ["available"]);
            await assertRefused(
                client().send(new DetachVolumeCommand({ VolumeId })),
                "IncorrectState",
                /'available' state/,
            );
        });

        it("keep a volume from being deleted or attached again", async () => {
            const [VolumeId, InstanceId] = [await create(), await instance()];
            await attach(VolumeId, InstanceId);
            await assertRefused(attach(VolumeId, await instance()), "VolumeInUse", /already attached/);
            const deletion = () => client().send(new DeleteVolumeCommand({ VolumeId }));
            await assertRefused(deletion(), "VolumeInUse", new RegExp(`attached to ${InstanceId}`));
            await client().send(new DetachVolumeCommand({ VolumeId, InstanceId }));
            await deletion();
            await assertRefused(
                volume(VolumeId),
                "InvalidVolume.NotFound",
                new RegExp(`'${VolumeId}' does not exist`),
            );
        });

        it("are rejected in another zone", async () => {
            const elsewhere = await instance("eu-west-1b");
            await assertRefused(
                attach(await create(), elsewhere),
                "InvalidVolume.ZoneMismatch",
                /same availability zone/,
            );
        });
    });

    describe("the account", () => {
        it("has settings for each region, and keeps those that a change leaves out", async () => {
            await change({ snapshotSeconds: 5 });
            await change({ keysWithoutRights: [key] });
            const { snapshotSeconds, keysWithoutRights } = await readAccount(servers());
            assert.deepEqual(
                { snapshotSeconds, keysWithoutRights },
                { snapshotSeconds: 5, keysWithoutRights: [key] },
            );
            assert.equal((await readAccount({ ...servers(), region: "us-east-1" })).snapshotSeconds, 0);
            assert.equal((await resetAccount(servers())).snapshotSeconds, 0);
        });

        it("rejects unknown settings and wrong types", async () => {
            const misspelt = change({ snapshotSecond: 5 } as Partial<AccountSettings>);
            await assert.rejects(misspelt, /no setting snapshotSecond: available are .*snapshotSeconds/);
            const quoted = change({ snapshotSeconds: "5" } as unknown as Partial<AccountSettings>);
            await assert.rejects(quoted, /snapshotSeconds must be float, got "5"/);
            await assert.rejects(advance(-1), /advanceSeconds must be a number of at least 0, got -1/);
        });

        it("has the id 123456789012 in STS", async () => {
            const response = await fetch(servers().ec2Endpoint, {
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

        it("applies its rules to parallel requests", async () => {
            await inRegion("eu-west-3", { volumeQuotaGiB: 5000 }, async (createThere) => {
                const calls = Array.from({ length: 20 }, () => createThere({ Size: 500 }));
                const made = (await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled");
                assert.equal(made.length, 10);
            });
        });
    });
});
