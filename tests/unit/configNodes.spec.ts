import { cluster, jenkins, rejectsConfig, storage } from "../support/fixtures/config";

describe("config of nodes and zones", () => {
    rejectsConfig([
        [
            "a region that isn't one",
            { cluster: { ...cluster, region: "Ireland" }, storages: { jenkins } },
            ['cluster.region must be the name of a region such as eu-west-1, got "Ireland"'],
        ],
        [
            "invalid settings of nodes",
            {
                cluster: {
                    ...cluster,
                    nodes: { preset: "gke", groups: [], securityGroupId: "nodes", vpcId: 1 },
                },
                storages: {
                    jenkins: { ...jenkins, nodes: { preset: null, tags: "a", includeLocalZones: 1 } },
                },
            },
            [
                'cluster.nodes.preset must be one of kops, eks, karpenter, eksAutoMode, got "gke"',
                "cluster.nodes.groups must have at least one value, got []",
                'cluster.nodes.securityGroupId must be a security group\'s id such as sg-0123456789abcdef0, got "nodes"',
                "cluster.nodes.vpcId must be a VPC's id such as vpc-0123456789abcdef0, got 1",
                "storages.jenkins.nodes.preset must be one of kops, eks, karpenter, eksAutoMode, got null",
                'storages.jenkins.nodes.tags must be a map of texts, got "a"',
                "storages.jenkins.nodes.includeLocalZones must be true or false, got 1",
            ],
        ],
        [
            "invalid filters, and filters that the component sets",
            storage({
                nodes: {
                    filters: [
                        { name: "availability-zone", values: ["eu-west-1a"] },
                        { name: "instance-state-name", values: ["stopped"] },
                        { name: "image-id", values: [] },
                        { name: "image-id", value: "ami-1" },
                        { name: "image-id", values: ["x".repeat(256)] },
                        { name: "image-id", values: Array<string>(201).fill("ami-1") },
                    ],
                },
            }),
            [
                ...["availability-zone", "instance-state-name"].map(
                    (name, position) =>
                        `storages.jenkins.nodes.filters.${position}.name must be the name of an EC2 filter, but for those ` +
                        `for zones and states, which the component sets, got "${name}"`,
                ),
                "storages.jenkins.nodes.filters.2.values must have at least one value, got []",
                "storages.jenkins.nodes.filters.3.values is required and must be a list of texts",
                'storages.jenkins.nodes.filters.3.value is not a known setting: known are name, values, got "ami-1"',
                `storages.jenkins.nodes.filters.4.values.0 must be text of at most 255 characters, got "${"x".repeat(76)}...`,
                `storages.jenkins.nodes.filters.5.values must have at most 200 values, got [${'"ami-1",'.repeat(9)}"ami...`,
            ],
        ],
        [
            "groups without a preset",
            { cluster: { ...cluster, nodes: { groups: ["workers"] } }, storages: { jenkins } },
            ['cluster.nodes.groups must be left out without preset, got ["workers"]'],
        ],
        [
            "tags that the preset sets",
            storage({ nodes: { preset: "kops", tags: { KubernetesCluster: "other", team: "a" } } }),
            [
                'storages.jenkins.nodes.tags.KubernetesCluster must be left to preset kops, which sets it, got "other"',
            ],
        ],
        [
            "duplicate zones",
            storage({ zones: ["eu-west-1a", "eu-west-1b", "eu-west-1a"] }),
            ['storages.jenkins.zones must name each zone once, got ["eu-west-1a","eu-west-1b","eu-west-1a"]'],
        ],
        [
            "no zones",
            storage({ zones: [] }),
            ["storages.jenkins.zones must name at least one availability zone, got []"],
        ],
        [
            "an invalid zone",
            storage({ zones: ["Paris"] }),
            [
                'storages.jenkins.zones.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got "Paris"',
            ],
        ],
        [
            "zones that aren't a list",
            storage({ zones: "eu-west-1a" }),
            ['storages.jenkins.zones must be a list of availability zones, got "eu-west-1a"'],
        ],
        [
            "an invalid zone in zoneByOrdinal",
            storage({ zoneByOrdinal: { "0": "here" } }),
            [
                'storages.jenkins.zoneByOrdinal.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got "here"',
            ],
        ],
        [
            "zones of ordinals that aren't the storage's",
            storage({
                zoneByOrdinal: {
                    "0": "eu-west-1a",
                    "3": "eu-west-1a",
                    "01": "eu-west-1b",
                    first: "eu-west-1a",
                },
            }),
            ['"3" "eu-west-1a"', '"01" "eu-west-1b"', '"first" "eu-west-1a"'].map((one) => {
                const [key = "", zone = ""] = one.split(" ");
                return `storages.jenkins.zoneByOrdinal.${JSON.parse(key)} must belong to an ordinal of this storage, 0 to 2, got ${zone}`;
            }),
        ],
        [
            "a placement that isn't one",
            storage({ placement: "Random" }),
            ['storages.jenkins.placement must be one of RoundRobin, ByNodeCount, got "Random"'],
        ],
        [
            "a placement beside zones by ordinal",
            storage({ placement: "ByNodeCount", zoneByOrdinal: { "0": "eu-west-1a" } }),
            ['storages.jenkins.placement can\'t be combined with zoneByOrdinal, got "ByNodeCount"'],
        ],
    ]);
});
