import assert from "node:assert/strict";
import { childTypes } from "../../components/engine/resourceTypes";
import { make, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";

const source = { availabilityZone: "eu-west-1c", size: 10, tags: {}, encrypted: true, kmsKeyId: "arn:key" };
const copied = { ...world, volumes: { "vol-9": source }, attached: ["vol-9"] };
const overrides = { "2": { sourceVolumeId: "vol-9", sizeGiB: 20, type: "gp3" as const } };

describe("copies of volumes", () => {
    it("are resources of their own type, with what that has", async () => {
        const { of } = await record(() => make({ overrides, managedByCluster: ["iops"] }), copied, {
            actualZones: { "jenkins-2": "eu-west-1c" },
        });
        assert.deepEqual(Object.keys(of(volumeType)), ["jenkins-1", "jenkins-3"]);
        const { inputs, ignoreChanges, protect, retainOnDelete } = of(childTypes.volumeCopy)["jenkins-2"]!;
        const { tags, ...settings } = inputs;
        assert.deepEqual(settings, {
            sourceVolumeId: "vol-9",
            size: 20,
            volumeType: "gp3",
            iops: 3000,
            throughput: 125,
        });
        assert.equal((tags as Record<string, string>)["kubernetes.io/created-for/pv/name"], "manual-ebs-02");
        ["sourceVolumeId", "region", "iops"].forEach((one) => assert.ok(ignoreChanges.includes(one), one));
        assert.deepEqual([protect, retainOnDelete], [true, true]);
        const { inputs: persistentVolume } = of(persistentVolumeType)["jenkins-2"]!;
        assert.match(JSON.stringify(persistentVolume), /"volumeHandle":"vol-jenkins-2".*\["eu-west-1c"\]/);
    });

    it("aren't made of a volume in another zone, and nothing else is made then", async () => {
        const { error, of } = await recordFailure(() => make({ overrides, zones: ["eu-west-1a"] }), copied);
        assert.match(error.message, /overrides\.2\.sourceVolumeId must be of a volume in eu-west-1a/);
        assert.deepEqual(of(volumeType), {});
    });

    it("are refused other encryption and another key than those that they have", async () => {
        const failureOf = async (made: object, settings: { kmsKeyId?: string } = {}) => {
            const key = { ...source, ...settings };
            const volumes = { "vol-9": key, "vol-jenkins-2": { ...source, ...made } };
            const changed = { "2": { ...overrides["2"], ...settings } };
            const { error } = await recordFailure(() => make({ overrides: changed }), { ...copied, volumes });
            return error.message;
        };
        assert.match(
            await failureOf({ encrypted: false, kmsKeyId: "" }),
            /volume\.encrypted must be false while volume vol-jenkins-2 of ordinal 2 isn't encrypted: a move of the disk/,
        );
        const [kmsKeyId, other] = ["a", "b"].map(
            (last) => `arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890a${last}`,
        );
        assert.match(
            await failureOf({ kmsKeyId: other }, { kmsKeyId }),
            new RegExp(
                `overrides\\.2\\.kmsKeyId must be ${other}, as volume vol-jenkins-2 of ordinal 2 has it`,
            ),
        );
    });
});
