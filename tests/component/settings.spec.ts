import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes";
import { output } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "../../components";
import type { ZonalPersistentStorageArgs } from "../../components";
import { checkObjects } from "../../components/validation/clusterObjects";
import { cluster, jenkins, make, refusal, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";

const later = <T>(value: T) => output(Promise.resolve(value));

describe("settings that are checked against the account and the program", () => {
    const backup = (region: string) => ({
        roleArn: "arn:aws:iam::123456789012:role/backup",
        copies: [{ region, keepDays: 1 }],
    });

    it("rejects a copy of backups to the AWS provider's own region", async () => {
        const { error, of } = await recordFailure(() => make({ backup: backup("eu-west-1") }), world);
        assert.equal(
            error.message,
            refusal([
                "settings don't go with the storage's region, eu-west-1:",
                '  - backup.copies.0.region must be another region than that of the storage, got "eu-west-1"',
            ]),
        );
        assert.deepEqual(of(volumeType), {});
    });

    it("rejects keys of another region than the AWS provider's own", async () => {
        const kmsKeyId = "arn:aws:kms:eu-north-1:123456789012:key/1234abcd";
        const { error, of } = await recordFailure(
            () =>
                make({
                    volume: { sizeGiB: 10, kmsKeyId },
                    overrides: { "2": { moves: [{ kmsKeyId }] } },
                }),
            world,
        );
        const rule = `must be a key of the storage's region, eu-west-1, got "${kmsKeyId}"`;
        assert.equal(
            error.message,
            refusal([
                "settings don't go with the storage's region, eu-west-1:",
                `  - volume.kmsKeyId ${rule}`,
                `  - overrides.2.moves.0.kmsKeyId ${rule}`,
            ]),
        );
        assert.deepEqual(of(volumeType), {});
    });

    it("accepts a copy of backups to another region", async () => {
        const { of } = await record(() => make({ backup: backup("eu-north-1") }), world);
        assert.equal(Object.keys(of(volumeType)).length, 3);
    });

    it("rejects an output of zones whose key is no ordinal", async () => {
        const zoneByOrdinal = later({
            "1": "eu-west-1a",
            "2": "eu-west-1a",
            "3": "eu-west-1a",
            first: "eu-west-1a",
        });
        const { error } = await recordFailure(() => make({ zoneByOrdinal }), world);
        assert.equal(
            error.message,
            'ZonalPersistentStorage "jenkins" can\'t be made from these args:\n' +
                '  - zoneByOrdinal.first must belong to an ordinal, a whole number, got "eu-west-1a"',
        );
    });
});

describe("two storages of a program", () => {
    const other = (different: Partial<ZonalPersistentStorageArgs>) =>
        new ZonalPersistentStorage("other", {
            clusterName: cluster,
            count: 1,
            volume: { sizeGiB: 1 },
            ...different,
        });
    const sameVolume = { persistentVolume: { namePrefix: "manual-ebs", ordinalDigits: 2 }, start: 3 };
    const taken: [string, Partial<ZonalPersistentStorageArgs>, string][] = [
        [
            "the same PersistentVolume",
            sameVolume,
            'must not create PersistentVolume manual-ebs-03, ZonalPersistentStorage "jenkins" does: give it another persistentVolume.namePrefix',
        ],
        [
            "the same class",
            { dynamicStorageClass: { name: "manual-ebs" } },
            'must not create StorageClass manual-ebs, ZonalPersistentStorage "jenkins" does: give it another dynamicStorageClass.name',
        ],
    ];
    taken.forEach(([what, different, rule]) =>
        it(`are rejected when both make ${what}`, async () => {
            const program = () => {
                checkObjects("jenkins", jenkins, undefined);
                return other(different);
            };
            const { error, registrations } = await recordFailure(program, world, { hooks: true });
            assert.equal(
                error.message,
                `ZonalPersistentStorage "other" can't be made from these args:\n  - ${rule}`,
            );
            assert.deepEqual(
                registrations.filter(({ custom }) => custom),
                [],
            );
        }),
    );

    it("are accepted with the same names in two clusters", async () => {
        const program = () => {
            checkObjects("jenkins", jenkins, new Provider("elsewhere", {}));
            checkObjects("other", { ...jenkins, ...sameVolume }, new Provider("here", {}));
            return {};
        };
        const { registrations } = await record(program, world, { hooks: true });
        assert.equal(registrations.filter(({ custom }) => custom).length, 2);
    });

    it("aren't compared under Pulumi's mocks, where a test may make the same one twice", async () => {
        const program = () => [make().zones, other({ ...sameVolume, start: 1 }).zones];
        const { of } = await record(program, world);
        assert.equal(Object.keys(of(volumeType)).length, 4);
    });
});
