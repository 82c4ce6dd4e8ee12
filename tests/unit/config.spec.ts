import assert from "node:assert/strict";
import { secretPaths } from "../../components/validation/secrets";
import { readStorages } from "../../program/config";
import {
    backupTo,
    cluster,
    config,
    jenkins,
    key,
    project,
    rejectsConfig,
    storage,
} from "../support/fixtures/config";
import { fullStorage } from "../support/fixtures/fullStorage";

/** A key that no literal can have. */
const proto = (value: unknown) =>
    JSON.parse(JSON.stringify({ key: value }).replace("key", "__proto__")) as unknown;

const protoRule = "must be left out: it is reserved in JavaScript, got";

const deep = "[".repeat(20_000) + "]".repeat(20_000);

const deepMessages = [
    "storages.jenkins.zones.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got " +
        `${"[".repeat(77)}...`,
];

describe("config", () => {
    it("returns each storage's args with the cluster's", () => {
        const where = { region: "eu-west-1", nodes: { securityGroupName: "workers" } };
        const settings = {
            cluster: { ...cluster, ...where },
            storages: { jenkins, db: { ...jenkins, zones: ["eu-west-1a"] } },
        };
        const own = { clusterName: cluster.name, ...where, ...jenkins };
        assert.deepEqual(readStorages(project, config(settings)), [
            { name: "jenkins", args: own, alongside: undefined, aliases: [] },
            { name: "db", args: { ...own, zones: ["eu-west-1a"] }, alongside: undefined, aliases: [] },
        ]);
    });

    it("accepts every setting", () => {
        const { alongside, aliases, ...args } = fullStorage;
        const storages = {
            full: { ...args, aliases },
            beside: { ...jenkins, count: 2, start: 1, alongside },
        };
        const read = readStorages(project, config({ cluster, storages }));
        assert.deepEqual(read[0], {
            name: "full",
            args: { clusterName: cluster.name, ...args },
            alongside: undefined,
            aliases,
        });
    });

    it("sorts a storage after the one that it is alongside", () => {
        const storages = { logs: { ...jenkins, alongside: "data" }, data: jenkins };
        assert.deepEqual(
            readStorages(project, config({ cluster, storages })).map(({ name, alongside }) => [
                name,
                alongside,
            ]),
            [
                ["data", undefined],
                ["logs", "data"],
            ],
        );
    });

    it("ignores settings of other packages", () => {
        const settings = { ...config({ cluster, storages: { jenkins } }), "aws:region": "eu-west-1" };
        assert.deepEqual(
            readStorages(project, settings).map(({ name }) => name),
            ["jenkins"],
        );
    });

    it("keeps values of secret keys secret, also in messages", async () => {
        const isSecretKey = (one: string) => one === `${project}:storages`;
        const tags = { code: "planted" };
        const storages = {
            jenkins: {
                count: 1,
                volume: { sizeGiB: 10, tags, kmsKeyId: key },
                backup: { ...backupTo("eu-north-1"), tags },
                persistentVolume: { labels: tags, annotations: tags, mountOptions: ["planted"] },
                overrides: { "0": { tags } },
                nodes: { tags, filters: [{ name: "n", values: ["planted"] }] },
            },
        };
        const [read] = readStorages(project, config({ cluster, storages }), isSecretKey);
        const { clusterName, count, volume: made, ...others } = read!.args;
        assert.deepEqual([clusterName, count, made.sizeGiB], [cluster.name, 1, 10]);
        const paths = await secretPaths({ volume: made, ...others });
        assert.deepEqual(paths.map((path) => path.join(".")).sort(), [
            "backup.roleArn",
            "backup.tags.code",
            "nodes.filters.0.values.0",
            "nodes.tags.code",
            "overrides.0.tags.code",
            "persistentVolume.annotations.code",
            "persistentVolume.labels.code",
            "persistentVolume.mountOptions.0",
            "volume.kmsKeyId",
            "volume.tags.code",
        ]);

        const wrong = {
            cluster,
            storages: { jenkins: { count: -5, volume: { sizeGiB: 10, tags: { code: 7 } } } },
        };
        assert.throws(() => readStorages(project, config(wrong), isSecretKey), {
            message: [
                "the stack's config can't be used:",
                "  - storages.jenkins.count must be a whole number between 1 and 10000, got [secret]",
                "  - storages.jenkins.volume.tags.code must be text of at most 256 characters, got [secret]",
            ].join("\n"),
        });
    });

    rejectsConfig([
        [
            "maps with the key __proto__",
            storage({
                volume: { sizeGiB: 10, tags: proto({}) },
                overrides: proto({ sizeGiB: 5 }),
                zoneByOrdinal: proto("eu-west-1a"),
                persistentVolume: { labels: proto("a"), annotations: proto(1) },
            }),
            [
                `storages.jenkins.zoneByOrdinal.__proto__ ${protoRule} "eu-west-1a"`,
                `storages.jenkins.volume.tags.__proto__ ${protoRule} {}`,
                `storages.jenkins.overrides.__proto__ ${protoRule} {"sizeGiB":5}`,
                `storages.jenkins.persistentVolume.labels.__proto__ ${protoRule} "a"`,
                `storages.jenkins.persistentVolume.annotations.__proto__ ${protoRule} 1`,
            ],
        ],
        [
            "count 0",
            storage({ count: 0 }),
            ["storages.jenkins.count must be a whole number between 1 and 10000, got 0"],
        ],
        [
            "count -1",
            storage({ count: -1 }),
            ["storages.jenkins.count must be a whole number between 1 and 10000, got -1"],
        ],
        [
            "count 2.5",
            storage({ count: 2.5 }),
            ["storages.jenkins.count must be a whole number between 1 and 10000, got 2.5"],
        ],
        [
            "no count",
            { cluster, storages: { jenkins: { volume: { sizeGiB: 1 } } } },
            ["storages.jenkins.count is required and must be a whole number between 1 and 10000"],
        ],
        [
            "start -1",
            storage({ start: -1 }),
            ["storages.jenkins.start must be a whole number between 0 and 89999, got -1"],
        ],
        [
            "a bad name",
            { cluster, storages: { "Jenkins home": jenkins } },
            [
                "storages.Jenkins home must consist of lower case letters, digits and hyphens, at most 63 with the ordinal " +
                    '(or give persistentVolume.namePrefix), got "Jenkins home"',
            ],
        ],
        [
            "storages that aren't a map",
            { cluster, storages: 5 },
            ["storages must be a map of storages by name, got 5"],
        ],
        [
            "storages that are text",
            { cluster, storages: "jenkins" },
            ['storages must be a map of storages by name, got "jenkins"'],
        ],
        [
            "a list of storages",
            { cluster, storages: [jenkins] },
            [`storages must be a map of storages by name, got ${JSON.stringify([jenkins])}`],
        ],
        [
            "a storage that isn't a map",
            { cluster, storages: { jenkins: 3 } },
            ["storages.jenkins must be a map of settings, got 3"],
        ],
        ["no storages", { cluster, storages: {} }, ["storages must have at least one storage, got {}"]],
        [
            "a config without settings",
            {},
            [
                "cluster is required and must be a map of settings",
                "storages is required and must be a map of storages by name",
            ],
        ],
        [
            "a cluster that is text",
            { cluster: "proyecto", storages: { jenkins } },
            ['cluster must be a map of settings, got "proyecto"'],
        ],
        [
            "a cluster without a name",
            { cluster: {}, storages: { jenkins } },
            [
                "cluster.name is required and must be the cluster's name: letters, digits, dots, hyphens, underscores, at most 106",
            ],
        ],
        [
            "unknown settings",
            { cluster: { ...cluster, vpc: "x" }, storage: 1, storages: { jenkins: { ...jenkins, size: 1 } } },
            [
                "storage is not a known setting: known are cluster, kubeconfig, context, storages, got 1",
                'cluster.vpc is not a known setting: known are name, region, nodes, zones, got "x"',
                "storages.jenkins.size is not a known setting: known are region, nodes, zones, placement, zoneByOrdinal, count, start, volume, managedByCluster, overrides, " +
                    "deletionPolicy, protect, backup, persistentVolume, storageClass, claims, dynamicStorageClass, alongside, aliases, got 1",
            ],
        ],
        [
            "a storage with a name that is reserved in JavaScript",
            {
                cluster,
                storages: proto({
                    ...jenkins,
                    persistentVolume: { namePrefix: "a" },
                    storageClass: { name: "a" },
                }),
            },
            [
                `storages.__proto__ ${protoRule} {"count":3,"volume":{"sizeGiB":10},"persistentVolume":{"namePrefix":"a"},"sto...`,
            ],
        ],
        [
            "settings in thousands of levels",
            {
                cluster,
                storages: JSON.stringify({ jenkins: { ...jenkins, zones: 0 } }).replace(
                    '"zones":0',
                    `"zones":${deep}`,
                ),
            },
            deepMessages,
        ],
        [
            "several mistakes",
            {
                cluster: { name: "" },
                storages: { jenkins: { count: 0, volume: { sizeGiB: 0, type: "gp9" } } },
            },
            [
                'cluster.name must be the cluster\'s name: letters, digits, dots, hyphens, underscores, at most 106, got ""',
                "storages.jenkins.count must be a whole number between 1 and 10000, got 0",
                'storages.jenkins.volume.type must be one of gp3, gp2, io1, io2, st1, sc1, standard, got "gp9"',
                "storages.jenkins.volume.sizeGiB must be between 1 and 65536, got 0",
            ],
        ],
    ]);
});
