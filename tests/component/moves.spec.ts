import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type { MoveArgs, ZonalPersistentStorageArgs } from "../../components";
import { ZonalPersistentStorage } from "../../components";
import { recordedState } from "../support/fixtures/recordedState";
import { record, recordFailure } from "../support/mocks/mocks";
import { cluster, persistentVolumeType, unknown, volumeType, world } from "../support/mocks/jenkins";

const snapshotType = "aws:ebs/snapshot:Snapshot";
const newest = "snap-0123456789abcdef0";
const kmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const backedUp = { ...world, snapshots: { "vol-data-0": newest } };

function make(moves: MoveArgs[], different: Partial<ZonalPersistentStorageArgs> = {}) {
    const args = { clusterName: cluster, count: 1, volume: { sizeGiB: 10 }, overrides: { "0": { moves } } };
    const { volumes, backupPolicyId } = new ZonalPersistentStorage("data", { ...args, ...different });
    return { volumes, backupPolicyId };
}

describe("a moved disk", () => {
    it("gets a volume in the other zone, made from the newest snapshot, and keeps the former one", async () => {
        const { of, result } = await record(() => make([{ zone: "eu-west-1c" }]), backedUp, { hooks: true });
        const { "data-0": old, "data-0-moved-1": moved } = of(volumeType);
        assert.deepEqual(
            [moved?.inputs["snapshotId"], moved?.inputs["availabilityZone"]],
            [newest, "eu-west-1c"],
        );
        assert.equal(old?.inputs["snapshotId"], undefined);
        assert.deepEqual([old?.protect, moved?.protect], [true, true]);
        assert.ok(moved?.ignoreChanges.includes("snapshotId"), "a move counts once");
        assert.ok(old?.ignoreChanges.includes("size"), "and what it left stays as it was");
        assert.deepEqual(result?.volumes, [
            {
                ordinal: 0,
                zone: "eu-west-1c",
                volumeId: "vol-data-0-moved-1",
                persistentVolumeName: "data-0",
                snapshotId: newest,
                keptVolumeIds: ["vol-data-0"],
            },
        ]);
        const { spec } = of(persistentVolumeType)["data-0"]!.inputs as {
            spec: { csi: { volumeHandle: string } };
        };
        assert.equal(spec.csi.volumeHandle, "vol-data-0-moved-1");
    });

    it("is made from a new snapshot on request, which is rejected while a pod uses the volume", async () => {
        const planned: MoveArgs[] = [{ zone: "eu-west-1c", from: "NewSnapshot" }];
        const { of } = await record(() => make(planned), world);
        const snapshot = of(snapshotType)["data-0-moved-1"]!;
        assert.deepEqual([snapshot.inputs["volumeId"], snapshot.retainOnDelete], ["vol-data-0", true]);
        assert.equal(of(volumeType)["data-0-moved-1"]?.inputs["snapshotId"], "snap-data-0-moved-1");

        const { error } = await recordFailure(() => make(planned), { ...world, attached: ["vol-data-0"] });
        assert.match(
            error.message,
            /overrides\.0\.moves\.0\.from must not be NewSnapshot while volume vol-data-0/,
        );
    });

    it("is made from a snapshot that isn't taken before its zone is there", async () => {
        const program = () => {
            const { id } = new aws.ebs.Volume("other", { availabilityZone: "eu-west-1c" });
            return make([{ zone: id.apply(() => "eu-west-1c"), from: "NewSnapshot" }]);
        };
        const taken = async (preview: boolean) => {
            const { of } = await record(program, world, { preview });
            const { inputs, dependencies } = of(snapshotType)["data-0-moved-1"]!;
            const names = dependencies.map((urn) => urn.split("::").at(-1));
            return [inputs["volumeId"], names.includes("other")];
        };
        assert.deepEqual(await taken(false), ["vol-data-0", true]);
        assert.deepEqual(await taken(true), [unknown, true]);
    });

    it("is made from the given snapshot, in the disk's own zone", async () => {
        const snapshotId = "snap-0fedcba9876543210";
        const { of, calls } = await record(() => make([{ snapshotId }]), world);
        const { "data-0": old, "data-0-moved-1": moved } = of(volumeType);
        assert.equal(moved?.inputs["snapshotId"], snapshotId);
        assert.equal(moved.inputs["availabilityZone"], old?.inputs["availabilityZone"]);
        assert.ok(!calls.some(({ token }) => /Snapshot/.test(token)));
    });

    it("is encrypted from a move on, while the former volume stays as it is", async () => {
        const moves: MoveArgs[] = [{ from: "NewSnapshot", encrypted: true }, { kmsKeyId }, {}];
        const volume = { sizeGiB: 10, encrypted: false };
        const { of } = await record(() => make(moves, { volume }), backedUp);
        const encryption = Object.values(of(volumeType)).map(({ inputs }) => [
            inputs["encrypted"],
            inputs["kmsKeyId"],
        ]);
        assert.deepEqual(encryption, [
            [undefined, undefined],
            [true, undefined],
            [true, kmsKeyId],
            [true, kmsKeyId],
        ]);
    });

    it("is encrypted with the storage's key where its move names none", async () => {
        const moves: MoveArgs[] = [{ encrypted: true }];
        const overrides = { "0": { encrypted: false, moves } };
        const storage = { volume: { sizeGiB: 10, kmsKeyId }, overrides };
        const { of } = await record(() => make(moves, storage), backedUp);
        const { "data-0": old, "data-0-moved-1": moved } = of(volumeType);
        assert.deepEqual([old?.inputs["encrypted"], old?.inputs["kmsKeyId"]], [undefined, undefined]);
        assert.deepEqual([moved?.inputs["encrypted"], moved?.inputs["kmsKeyId"]], [true, kmsKeyId]);
    });

    it("can't become unencrypted", async () => {
        const { error } = await recordFailure(() => make([{ encrypted: false }]), backedUp);
        assert.match(
            error.message,
            /overrides\.0\.moves\.0\.encrypted must be true or left out, EC2 makes no unencrypted volume .*, got false/,
        );
    });

    it("moves again, and releases the former volumes that its moves say", async () => {
        const moves: MoveArgs[] = [
            { zone: "eu-west-1c", previous: "Release" },
            { zone: "eu-west-1b", snapshotId: newest },
        ];
        const { of, result } = await record(() => make(moves), world);
        assert.deepEqual(Object.keys(of(volumeType)), ["data-0-moved-1", "data-0-moved-2"]);
        assert.deepEqual(result?.volumes[0]?.keptVolumeIds, ["vol-data-0-moved-1"]);
        const last: MoveArgs[] = [moves[0]!, { ...moves[1], previous: "Release" }];
        assert.deepEqual(Object.keys((await record(() => make(last), world)).of(volumeType)), [
            "data-0-moved-2",
        ]);
    });

    it("is refused, with the size to write, where EC2's volume or snapshot is larger by now", async () => {
        const state = recordedState([
            ["volume", "data-0", "vol-0"],
            ["persistentVolume", "data-0", "vol-0"],
        ]);
        const begun = { startTime: "2026-11-26T01:00:00Z", volumeId: "vol-0", volumeSize: 30 };
        const grown = {
            ...world,
            volumes: { "vol-0": { availabilityZone: "eu-west-1b", size: 20, tags: {} } },
            snapshots: { "vol-0": newest },
            snapshotDetails: { [newest]: begun },
        };
        const cases: [MoveArgs, RegExp][] = [
            [
                { from: "NewSnapshot" },
                /overrides\.0\.sizeGiB must be at least 20 .*, as vol-0 has it, .* got 10/,
            ],
            [
                { snapshotId: newest },
                /overrides\.0\.sizeGiB must be at least 30 .*, as snap-\w+ has it, .* got 10/,
            ],
            [
                {},
                /overrides\.0\.sizeGiB must be at least 30 .*, as the newest snapshot of vol-0 has it, .* got 10/,
            ],
        ];
        for (const [move, message] of cases) {
            const { error } = await recordFailure(() => make([move]), grown, { state });
            assert.match(error.message, message);
        }
        const managed = () => make([{ from: "NewSnapshot" }], { managedByCluster: ["size"] });
        assert.ok((await record(managed, grown, { state })).of(volumeType)["data-0-moved-1"]);
        const large = () => make([{ from: "NewSnapshot" }], { volume: { sizeGiB: 20 } });
        assert.ok((await record(large, grown, { state })).of(volumeType)["data-0-moved-1"]);
    });

    it("rejects a zone that the region doesn't have, and two sources of one snapshot", async () => {
        const { error: nowhere } = await recordFailure(() => make([{ zone: "eu-west-1z" }]), backedUp);
        assert.match(
            nowhere.message,
            /overrides\.0\.moves\.0\.zone: no availability zone "eu-west-1z" in eu-west-1, available are /,
        );
        const { error: both } = await recordFailure(
            () => make([{ snapshotId: newest, from: "NewestSnapshot" }]),
            backedUp,
        );
        assert.match(both.message, /overrides\.0\.moves\.0\.from can't be combined with snapshotId/);
    });
});

describe("backups", () => {
    const backup = {
        roleArn: "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole",
        copies: [{ region: "eu-central-1", keepDays: 30 }],
    };

    it("are made by a tag that the storage's current volumes have and former ones don't", async () => {
        const { of, result } = await record(() => make([{ zone: "eu-west-1c" }], { backup }), backedUp);
        const tag = { "zonal-persistent-storage/backup": `${cluster}/data` };
        const { inputs } = of("aws:dlm/lifecyclePolicy:LifecyclePolicy")["data"]!;
        assert.deepEqual(inputs["policyDetails"], {
            resourceTypes: ["VOLUME"],
            targetTags: tag,
            schedules: [
                {
                    name: "snapshots",
                    createRule: { interval: 24, intervalUnit: "HOURS", times: "03:00" },
                    retainRule: { count: 7 },
                    copyTags: true,
                    crossRegionCopyRules: [
                        {
                            target: "eu-central-1",
                            encrypted: true,
                            copyTags: true,
                            retainRule: { interval: 30, intervalUnit: "DAYS" },
                        },
                    ],
                },
            ],
        });
        assert.equal(inputs["executionRoleArn"], backup.roleArn);
        const tags = (name: string) => of(volumeType)[name]?.inputs["tags"] as Record<string, string>;
        const [key, value] = Object.entries(tag)[0]!;
        assert.equal(tags("data-0-moved-1")[key], value);
        assert.equal(tags("data-0")[key], undefined);
        assert.equal(result?.backupPolicyId, "policy-data");
    });
});
