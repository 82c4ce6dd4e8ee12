import { CopyVolumesCommand } from "@aws-sdk/client-ec2";
import type { CopyVolumesCommandInput } from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { assertRefused, useEc2, zone } from "../support/cluster/ec2";

const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** The rules of docs.aws.amazon.com/ebs/latest/userguide/ebs-copying-volume.html. */
describe("EC2's rules for copies of volumes", function () {
    this.timeout(60_000);

    const { client, change, advance, create, volume, modify, instance, attach } = useEc2();

    const copy = async (SourceVolumeId: string, settings: Partial<CopyVolumesCommandInput> = {}) =>
        (await client().send(new CopyVolumesCommand({ SourceVolumeId, ...settings }))).Volumes![0]!.VolumeId!;

    it("makes copies of volumes in use: with their zone and size, without their tags", async () => {
        const Tags = [{ Key: "team", Value: "a" }];
        const source = await create({ TagSpecifications: [{ ResourceType: "volume", Tags }] });
        await attach(source, await instance());
        const {
            SourceVolumeId,
            AvailabilityZone,
            Size,
            VolumeType,
            State,
            Tags: own,
        } = await volume(await copy(source));
        assert.deepEqual(
            { SourceVolumeId, AvailabilityZone, Size, VolumeType, State, own: own ?? [] },
            {
                SourceVolumeId: source,
                AvailabilityZone: zone,
                Size: 10,
                VolumeType: "gp2",
                State: "available",
                own: [],
            },
        );
        const larger = await volume(await copy(source, { Size: 20, VolumeType: "gp3", Throughput: 200 }));
        assert.deepEqual([larger.Size, larger.Throughput], [20, 200]);
    });

    it("refuses smaller copies, and copies of what isn't there", async () => {
        const small = copy(await create(), { Size: 5 });
        await assertRefused(small, "InvalidParameterValue", /smaller than volume/);
        await assertRefused(copy("vol-0123456789abcdef0"), "InvalidVolume.NotFound", /does not exist/);
    });

    it("encrypts copies as their sources are, unless the request has more", async () => {
        const [plain, encrypted] = [await create(), await create({ Encrypted: true, KmsKeyId: key })];
        const encryption = async (id: string) => {
            const { Encrypted, KmsKeyId } = await volume(id);
            return [Encrypted, KmsKeyId];
        };
        assert.deepEqual(await encryption(await copy(plain)), [false, undefined]);
        assert.deepEqual(await encryption(await copy(encrypted)), [true, key]);
        await change({ encryptionByDefault: true });
        const [isEncrypted] = await encryption(await copy(plain));
        assert.equal(isEncrypted, true);
    });

    it("refuses sources that are created, modified or initialized, and a second copy meanwhile", async () => {
        await change({ creationSeconds: 60, modificationSeconds: 60 });
        const source = await create();
        await assertRefused(copy(source), "IncorrectState", /available or in-use/);
        await advance(60);
        await modify(source, { Size: 20 });
        await assertRefused(copy(source), "IncorrectModificationState", /MODIFYING/);
        await advance(30);
        await change({ creationSeconds: 0, copySeconds: 60 });
        const made = await copy(source);
        await assertRefused(copy(source), "ConcurrentCopyVolumeLimitExceeded", /in progress/);
        await assertRefused(copy(made), "IncorrectState", /not initialized/);
        await advance(60);
        await copy(source);
        await advance(60);
        await copy(made);
    });

    it("makes five copies at a time", async () => {
        await advance(3600);
        const sources = await Promise.all(Array.from({ length: 6 }, () => create()));
        await change({ copySeconds: 60 });
        for (const source of sources.slice(1)) {
            await copy(source);
        }
        await assertRefused(copy(sources[0]!), "CopyVolumesLimitExceeded", /limit of 5/);
        await advance(60);
        await copy(sources[0]!);
    });
});
