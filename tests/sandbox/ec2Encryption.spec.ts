import {
    EnableEbsEncryptionByDefaultCommand,
    GetEbsDefaultKmsKeyIdCommand,
    GetEbsEncryptionByDefaultCommand,
} from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { readAccount } from "../../sandbox/ec2/account";
import { assertRefused, useEc2 } from "../support/cluster/ec2";
import type { VolumeInput } from "../support/cluster/ec2";

const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const arnOfKey = /^arn:aws:kms:eu-west-1:123456789012:key\/[0-9a-f-]{36}$/;

describe("EC2's rules for encryption", function () {
    this.timeout(60_000);

    const { servers, client, change, advance, create, volume, created, createSnapshot, snapshot } = useEc2();

    const encryption = async (settings?: VolumeInput) => {
        const { Encrypted, KmsKeyId } = await created(settings);
        return { Encrypted, KmsKeyId };
    };
    const plain = { Encrypted: false, KmsKeyId: undefined };

    it("follows each volume's request by default", async () => {
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

    it("returns the ARN of a key that was given by id", async () => {
        const KmsKeyId = key.split("/")[1];
        assert.equal((await encryption({ Encrypted: true, KmsKeyId })).KmsKeyId, key);
    });

    it("by default, when it is on, encrypts every volume, even with Encrypted false", async () => {
        await change({ encryptionByDefault: true });
        for (const settings of [{}, { Encrypted: false }]) {
            const { Encrypted, KmsKeyId } = await encryption(settings);
            assert.equal(Encrypted, true);
            assert.match(KmsKeyId!, arnOfKey);
        }
        const given = await encryption({ Encrypted: true, KmsKeyId: key });
        assert.deepEqual(given, { Encrypted: true, KmsKeyId: key });
    });

    it("by default is set and read by EC2's own API", async () => {
        const isOn = async () =>
            (await client().send(new GetEbsEncryptionByDefaultCommand())).EbsEncryptionByDefault;
        assert.equal(await isOn(), false);
        await client().send(new EnableEbsEncryptionByDefaultCommand());
        assert.equal(await isOn(), true);
        assert.equal((await readAccount(servers())).encryptionByDefault, true);
        const { KmsKeyId } = await client().send(new GetEbsDefaultKmsKeyIdCommand());
        assert.equal(KmsKeyId, "alias/aws/ebs");
    });

    it("comes from the snapshot, with the snapshot's key", async () => {
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

    it("can be requested for a volume from an unencrypted snapshot", async () => {
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
        it(`with ${title} returns a volume, which then disappears`, async () => {
            await change({ keysWithoutRights });
            const id = await create(settings);
            await assertRefused(volume(id), "InvalidVolume.NotFound", new RegExp(id));
        });
    }

    it("with a key without rights shows the volume while it is being created", async () => {
        await change({ keysWithoutRights: [key], creationSeconds: 60 });
        const id = await create({ Encrypted: true, KmsKeyId: key });
        assert.equal((await volume(id)).State, "creating");
        await advance(60);
        await assertRefused(volume(id), "InvalidVolume.NotFound", new RegExp(id));
    });
});
