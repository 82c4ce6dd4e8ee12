import assert from "node:assert/strict";
import { isSecret, output, secret } from "@pulumi/pulumi";
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
import { record, recordFailure } from "../support/mocks/mocks";
import type { World } from "../support/mocks/mocks";

/** The key by which Pulumi marks a value in a message as a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";
const key = "arn:aws:kms:eu-west-1:123456789012:key/planted-0001";

/** Where an input is marked as a secret: paths, joined by slashes. */
function marks(value: unknown, path: readonly string[] = []): string[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return secretMark in value
        ? [path.join("/")]
        : Object.entries(value).flatMap(([name, one]) => marks(one, [...path, name]));
}

describe("secrets among the args", () => {
    const markedOf = async (args: Partial<ZonalPersistentStorageArgs>) => {
        const { of } = await record(() => make({ count: 1, ...args }), world);
        const [volume] = Object.values(of(volumeType));
        const [persistentVolume] = Object.values(of(persistentVolumeType));
        assert.ok(volume && persistentVolume);
        return {
            marked: [...marks(volume.inputs), ...marks(persistentVolume.inputs)],
            hidden: volume.additionalSecretOutputs,
        };
    };

    it("are secrets in the resources' inputs, and the values beside them are not", async () => {
        const volume = { sizeGiB: 10, kmsKeyId: secret(key), tags: { team: "a", code: secret("planted") } };
        const persistentVolume = {
            namePrefix: "data",
            labels: { type: "ebs", code: secret("planted") },
            annotations: { note: "x", code: secret("planted") },
        };
        const { marked, hidden } = await markedOf({ volume, persistentVolume });
        assert.deepEqual(marked.sort(), [
            "kmsKeyId",
            "metadata/annotations/code",
            "metadata/labels/code",
            "tags/code",
        ]);
        assert.deepEqual(hidden, ["tagsAll"]);
    });

    it("are secrets with all their keys when the map is a secret", async () => {
        const { marked, hidden } = await markedOf({
            volume: { sizeGiB: 10, tags: secret({ planted: "a" }) },
            persistentVolume: { namePrefix: "data", labels: secret({ planted: "a" }) },
        });
        assert.deepEqual(marked.sort(), ["metadata/labels", "tags"]);
        assert.deepEqual(hidden, ["tagsAll"]);
    });

    it("leave everything plain when there is none", async () => {
        const { marked, hidden } = await markedOf({ volume: { sizeGiB: 10, tags: { team: "a" } } });
        assert.deepEqual([marked, hidden], [[], []]);
    });

    it("make the zones that are derived from them secret", async () => {
        const nodes = { securityGroupName: secret(`nodes.${cluster}`) };
        const secrets = await new Promise<boolean[]>((resolve, reject) => {
            record(() => {
                const { zones, storageClassName } = make({ count: 1, nodes });
                Promise.all([isSecret(zones), isSecret(storageClassName)]).then(resolve, reject);
                return {};
            }, world).catch(reject);
        });
        assert.deepEqual(secrets, [true, false]);
    });

    const later = <T>(value: T) => output(Promise.resolve(value));
    const mistakes: [string, Partial<ZonalPersistentStorageArgs>, World, string[]][] = [
        [
            "a value",
            {
                volume: {
                    sizeGiB: 10,
                    tags: { code: secret("planted".repeat(50)), team: later("x".repeat(257)) },
                },
                persistentVolume: { namePrefix: "data", labels: { code: secret("planted!") } },
            },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - volume.tags.code must be text of at most 256 characters, got [secret]",
                `  - volume.tags.team must be text of at most 256 characters, got "${"x".repeat(76)}...`,
                "  - persistentVolume.labels.code must be a label: at most 63 letters, digits, hyphens, dots, underscores, got [secret]",
            ],
        ],
        [
            "a key of a map that is one",
            { volume: { sizeGiB: 10, tags: secret({ "aws:planted": "a" }) } },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - volume.tags must be left to the component, which sets it, got [secret]",
            ],
        ],
        [
            "a size from which a limit comes",
            { volume: { sizeGiB: secret(7), type: "io1", iops: 500 } },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - volume.iops must be within the limits of the volume's type and its other settings, got 500",
            ],
        ],
        [
            "a zone",
            { zones: [secret("eu-west-9z")] },
            world,
            [
                "there are no such availability zones:",
                '  - zones: no availability zone "[secret]" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
            ],
        ],
        [
            "a tag of the nodes",
            { nodes: { tags: { team: secret("planted") } } },
            world,
            [
                `no node of the cluster "${cluster}" was found:`,
                "  - there is no instance with the tag team=[secret] in eu-west-1: check the cluster's name, the AWS account " +
                    "and the region, correct nodes if the cluster's nodes are others, or give zones",
            ],
        ],
        [
            "an existing volume",
            { overrides: { "1": { volumeId: secret("vol-0123") } } },
            world,
            [
                "there are volumes that can't be used:",
                '  - overrides.1.volumeId must be a volume of this account and region, got "[secret]"',
            ],
        ],
    ];
    mistakes.forEach(([what, args, where, expected]) =>
        it(`don't appear in errors: ${what}`, async () => {
            const { error } = await recordFailure(() => make(args), where);
            assert.equal(error.message, refusal(expected));
        }),
    );

    it("don't appear in warnings", async () => {
        const nodes = { tags: { team: secret("planted") } };
        const instances = [{ ...node("eu-west-1b"), tags: { team: "planted" } }];
        const { logs } = await record(
            () => make({ count: 1, nodes, zones: ["eu-west-1b"] }),
            { ...world, instances },
            { actualZones: { "jenkins-1": "eu-west-1c" } },
        );
        assert.deepEqual(logs, []);
        const elsewhere = await record(() => make({ count: 1, nodes, zones: ["eu-west-1a"] }), {
            ...world,
            instances,
        });
        assert.equal(elsewhere.logs.length, 1);
        assert.match(
            elsewhere.logs[0]!,
            /going by the running instances with the tag team=\[secret\]: a pod/,
        );
    });
});
