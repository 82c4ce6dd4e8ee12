import {
    CreateSnapshotCommand,
    CreateTagsCommand,
    CreateVolumeCommand,
    DeleteVolumeCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { ModifyVolumeCommandInput, Tag } from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { assertRefused, useEc2, zone } from "../support/cluster/ec2";
import type { VolumeInput } from "../support/cluster/ec2";

const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** Settings, and the code and message of EC2's refusal. */
type Refusal = readonly [VolumeInput, string, RegExp];

describe("EC2's rules for new volumes and tags", function () {
    this.timeout(60_000);

    const { client, change, advance, create, volume, created, modify, inRegion } = useEc2();

    it("lists volumes in pages", async () => {
        const ids = await Promise.all(Array.from({ length: 7 }, () => create({})));
        const Filters = [{ Name: "volume-id", Values: ids }];
        const page = (NextToken?: string) =>
            client().send(new DescribeVolumesCommand({ MaxResults: 5, Filters, NextToken }));
        const first = await page();
        const second = await page(first.NextToken);
        const found = [first, second].map(({ Volumes = [] }) => Volumes.map(({ VolumeId }) => VolumeId));
        assert.deepEqual([found[0]?.length, found.flat().sort()], [5, ids.sort()]);
        assert.equal(second.NextToken, undefined);
    });

    describe("IOPS and throughput", () => {
        const cases: readonly [VolumeInput, number | undefined, number | undefined][] = [
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
                const answer = await client().send(command);
                assert.deepEqual([answer.Iops, answer.Throughput], [iops, throughput]);
                const { Iops, Throughput } = await volume(answer.VolumeId!);
                assert.deepEqual([Iops, Throughput], [iops, throughput]);
            });
        }

        const changes: readonly [
            VolumeInput,
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
            it(`rejects ${title} with ${code}`, () => assertRefused(create(settings), code, message));
        }

        it("accepts a zone by its id", async () => {
            const settings = { AvailabilityZone: undefined, AvailabilityZoneId: "euw1-az3" };
            assert.equal((await created(settings)).AvailabilityZone, "eu-west-1a");
        });

        it("returns a volume in state creating, which is available right after", async () => {
            const command = new CreateVolumeCommand({ AvailabilityZone: zone, Size: 10 });
            const { State, VolumeId } = await client().send(command);
            assert.equal(State, "creating");
            assert.equal((await volume(VolumeId!)).State, "available");
        });

        it("returns the same volume for a repeated request, and rejects its token for another request", async () => {
            const ClientToken = "a-token";
            const id = await create({ ClientToken });
            assert.equal(await create({ ClientToken }), id);
            await assertRefused(
                create({ ClientToken, Size: 11 }),
                "IdempotentParameterMismatch",
                /same client token/,
            );
        });

        it("rejects more storage of a type than the quota", async () => {
            await inRegion("eu-west-2", { volumeQuotaGiB: 1024 }, async (createThere) => {
                await createThere({ VolumeType: "sc1", Size: 1000 });
                await createThere({ VolumeType: "st1", Size: 1000 });
                const more = createThere({ VolumeType: "sc1", Size: 125 });
                await assertRefused(more, "VolumeLimitExceeded", /maximum sc1 storage limit of 1024 GiB/);
            });
        });

        it("keeps a volume creating for the time that the account is set to", async () => {
            await change({ creationSeconds: 60 });
            const id = await create();
            assert.equal((await volume(id)).State, "creating");
            await assertRefused(modify(id, { Size: 20 }), "IncorrectState", /available or in-use/);
            await assertRefused(
                client().send(new DeleteVolumeCommand({ VolumeId: id })),
                "IncorrectState",
                /'creating'/,
            );
            await advance(60);
            assert.equal((await volume(id)).State, "available");
        });
    });

    describe("tags", () => {
        const numbered = (count: number, prefix = "tag"): Tag[] =>
            Array.from({ length: count }, (_, n) => ({ Key: `${prefix}${n}`, Value: "" }));
        const tagged = (Tags: Tag[]) => ({ TagSpecifications: [{ ResourceType: "volume" as const, Tags }] });
        const all = async () => (await client().send(new DescribeVolumesCommand())).Volumes!.length;

        it("are rejected when a new volume has more than 50, and no volume is created", async () => {
            await create(tagged(numbered(50)));
            const before = await all();
            await assertRefused(create(tagged(numbered(51))), "TagLimitExceeded", /maximum number of Tags/);
            assert.equal(await all(), before);
        });

        it("are rejected when an existing volume would have more than 50", async () => {
            const id = await create(tagged(numbered(49)));
            const add = (tags: Tag[]) =>
                client().send(new CreateTagsCommand({ Resources: [id], Tags: tags }));
            await add([{ Key: "tag0", Value: "changed" }]);
            await add([{ Key: "last", Value: "" }]);
            await assertRefused(
                add([{ Key: "more", Value: "" }]),
                "TagLimitExceeded",
                /maximum number of Tags/,
            );
            assert.equal((await volume(id)).Tags!.length, 50);
        });

        for (const [tag, message] of [
            [{ Key: "aws:name", Value: "" }, /Tag keys starting with 'aws:' are reserved/],
            [{ Key: "AWS:name", Value: "" }, /Tag keys starting with 'aws:' are reserved/],
            [{ Key: "k".repeat(128), Value: "" }, /Tag key exceeds the maximum length of 127/],
            [{ Key: "name", Value: "v".repeat(257) }, /Tag value exceeds the maximum length of 256/],
        ] as const) {
            it(`rejects a tag of ${tag.Key.slice(0, 9)}, ${tag.Key.length} and ${tag.Value.length} long`, async () => {
                await assertRefused(create(tagged([tag])), "InvalidParameterValue", message);
                const id = await create();
                const add = new CreateTagsCommand({ Resources: [id], Tags: [tag] });
                await assertRefused(client().send(add), "InvalidParameterValue", message);
                const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: [tag] }];
                const copy = new CreateSnapshotCommand({ VolumeId: id, TagSpecifications });
                await assertRefused(client().send(copy), "InvalidParameterValue", message);
            });
        }

        it("are rejected when a key is given twice", () => {
            const twice = [...numbered(1), ...numbered(1)];
            return assertRefused(create(tagged(twice)), "InvalidParameterValue", /Duplicate tag key 'tag0'/);
        });
    });
});
