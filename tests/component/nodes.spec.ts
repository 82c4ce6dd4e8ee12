import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { output } from "@pulumi/pulumi";
import { NodesPreset, Placement } from "../../components";
import type { NodesArgs, ZonalPersistentStorageArgs } from "../../components";
import {
    classType,
    cluster,
    make,
    node,
    persistentVolumeType,
    volumeType,
    world,
} from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";
import type { Recording, World } from "../support/mocks/mocks";

const later = <T>(value: T) => output(new Promise<T>((resolve) => setTimeout(() => resolve(value), 20)));
const filtersOf = ({ calls }: Pick<Recording<object>, "calls">) =>
    calls
        .filter(({ token }) => token.endsWith("getInstances"))
        .map(({ inputs }) => inputs.filters as { name: string; values: string[] }[]);
const plannedZones = ({ of }: Pick<Recording<object>, "of">) =>
    Object.values(of(volumeType)).map(({ inputs }) => inputs.availabilityZone);

describe("nodes", () => {
    it("are queried with exactly the given filters, in one call for each zone", async () => {
        const nodes: NodesArgs = {
            preset: NodesPreset.kops,
            groups: ["workers"],
            securityGroupId: "sg-1",
            tags: { team: "storage" },
            vpcId: "vpc-1",
        };
        const tags = {
            KubernetesCluster: cluster,
            "k8s.io/role/node": "1",
            "kops.k8s.io/instancegroup": "workers",
            team: "storage",
        };
        const one = {
            id: "i-1",
            zone: "eu-west-1a",
            state: "running",
            tags,
            groupId: "sg-1",
            vpcId: "vpc-1",
        };
        const instances = [...(world.instances ?? []), one, { ...one, zone: "eu-west-1b", vpcId: "vpc-2" }];
        const recording = await record(() => make({ nodes }), { ...world, instances });
        assert.deepEqual(recording.result?.zones, ["eu-west-1a"]);
        assert.deepEqual(
            filtersOf(recording),
            ["eu-west-1c", "eu-west-1a", "eu-west-1b"].map((zone) => [
                { name: "tag:KubernetesCluster", values: [cluster] },
                { name: "tag:k8s.io/role/node", values: ["1"] },
                { name: "tag:kops.k8s.io/instancegroup", values: ["workers"] },
                { name: "instance.group-id", values: ["sg-1"] },
                { name: "tag:team", values: ["storage"] },
                { name: "vpc-id", values: ["vpc-1"] },
                { name: "availability-zone", values: [zone] },
            ]),
        );
    });

    it("are found by filters that are outputs", async () => {
        const tags = { "eks:cluster-name": cluster, "eks:nodegroup-name": "web", team: "a" };
        const instances = [{ id: "i-1", zone: "eu-west-1a", state: "running", tags, group: "x" }];
        const nodes = {
            preset: later(NodesPreset.eks),
            groups: later([later("web")]),
            tags: later({ team: later("a") }),
            filters: later([later({ name: later("instance.group-name"), values: later(["x"]) })]),
        };
        const { result } = await record(() => make({ nodes }), { ...world, instances });
        assert.deepEqual(result?.zones, ["eu-west-1a"]);
    });

    it("count in Local Zones only with includeLocalZones", async () => {
        const place = {
            ...world,
            localZones: ["us-west-2-lax-1a"],
            instances: [node("eu-west-1a"), node("us-west-2-lax-1a")],
        };
        const without = await record(make, place);
        const withThem = await record(() => make({ nodes: { includeLocalZones: true } }), place);
        assert.deepEqual(without.result?.zones, ["eu-west-1a"]);
        assert.deepEqual(withThem.result?.zones, ["eu-west-1a", "us-west-2-lax-1a"]);
        assert.equal(withThem.calls.length, 1 + 4);
    });

    const laterNodes: [string, (id: ZonalPersistentStorageArgs["clusterName"]) => object][] = [
        ["a security group's id", (id) => ({ nodes: { securityGroupId: id } })],
        ["a tag", (id) => ({ nodes: { tags: { group: id } } })],
        ["the cluster's name", (id) => ({ clusterName: id, nodes: { securityGroupName: "workers" } })],
        ["a VPC's id", (id) => ({ nodes: { preset: "eks", vpcId: id } })],
    ];
    laterNodes.forEach(([what, args]) =>
        it(`can be created in the same update: a preview lacks their zones, and nothing else (${what})`, async () => {
            const program = () => make(args(new aws.ec2.SecurityGroup("group").id));
            const recording = await record(program, world, { preview: true });
            const kinds = [volumeType, persistentVolumeType, classType];
            assert.deepEqual(
                kinds.map((type) => Object.keys(recording.of(type))),
                [
                    ["jenkins-1", "jenkins-2", "jenkins-3"],
                    ["jenkins-1", "jenkins-2", "jenkins-3"],
                    ["jenkins"],
                ],
            );
            assert.equal(recording.result, undefined, "its zones can't be known");
            assert.equal(filtersOf(recording).length, 0);
            Object.values(recording.of(volumeType)).forEach(({ inputs }) => {
                assert.equal(inputs.size, 10);
                assert.doesNotMatch(String(inputs.availabilityZone), /^eu-west-1/);
            });
        }),
    );

    it("can be created in the same update: given zones are in the preview", async () => {
        const program = () => {
            const nodes = { securityGroupId: new aws.ec2.SecurityGroup("group").id };
            return make({ nodes, zones: ["eu-west-1a"], overrides: { "2": { zone: "eu-west-1b" } } });
        };
        const recording = await record(program, world, { preview: true });
        assert.deepEqual(plannedZones(recording), ["eu-west-1a", "eu-west-1b", "eu-west-1a"]);
    });

    it("are found by the update that creates them", async () => {
        const instances = [
            { id: "i-1", zone: "eu-west-1a", state: "running", groupId: "sg-0123456789abcdef0" },
        ];
        const program = () => make({ nodes: { securityGroupId: new aws.ec2.SecurityGroup("group").id } });
        const { result } = await record(program, { ...world, instances });
        assert.deepEqual(result?.zones, ["eu-west-1a"]);
    });
});

describe("zones", () => {
    const zoneIds = { "eu-west-1a": "euw1-az3", "eu-west-1b": "euw1-az1", "eu-west-1c": "euw1-az2" };

    it("are accepted by name or id, and volumes get the names", async () => {
        const recording = await record(
            () => make({ zones: ["euw1-az2", "eu-west-1a"], overrides: { "1": { zone: "euw1-az1" } } }),
            { ...world, zoneIds },
        );
        assert.deepEqual(recording.result?.zones, ["eu-west-1a", "eu-west-1c"]);
        assert.deepEqual(plannedZones(recording), ["eu-west-1b", "eu-west-1a", "eu-west-1c"]);
    });

    it("are accepted by id in zoneByOrdinal", async () => {
        const zoneByOrdinal = { "1": "euw1-az2", "2": "euw1-az1", "3": "eu-west-1b" };
        const recording = await record(() => make({ zoneByOrdinal }), { ...world, zoneIds });
        assert.deepEqual(plannedZones(recording), ["eu-west-1c", "eu-west-1b", "eu-west-1b"]);
    });

    it("can be Local Zones when they are given", async () => {
        const { result } = await record(() => make({ zones: ["us-west-2-lax-1a"] }), {
            ...world,
            localZones: ["us-west-2-lax-1a"],
        });
        assert.deepEqual(result?.zones, ["us-west-2-lax-1a"]);
    });
});

describe("placement", () => {
    const twoInB: World = {
        ...world,
        instances: [node("eu-west-1c"), node("eu-west-1b"), { ...node("eu-west-1b"), id: "i-2" }],
    };

    it("follows the number of nodes with ByNodeCount", async () => {
        const args = { placement: later(Placement.ByNodeCount), start: 0, count: 6 };
        const recording = await record(() => make(args), twoInB);
        const [b, c] = ["eu-west-1b", "eu-west-1c"];
        assert.deepEqual(recording.result?.zones, [b, c]);
        assert.deepEqual(plannedZones(recording), [b, c, b, b, c, b]);
        assert.equal(recording.calls.length, 1 + 3);
    });

    it("uses only the given zones with ByNodeCount", async () => {
        const args = { placement: Placement.ByNodeCount, start: 0, zones: ["eu-west-1a", "eu-west-1b"] };
        const recording = await record(() => make(args), twoInB);
        assert.deepEqual(recording.result?.zones, ["eu-west-1a", "eu-west-1b"]);
        assert.deepEqual(plannedZones(recording), ["eu-west-1b", "eu-west-1b", "eu-west-1b"]);
    });
});

describe("zones without nodes", () => {
    const nodes = `in the security group "nodes.${cluster}"`;
    const noNode = (places: string) =>
        `no node runs in ${places}, going by the running instances ${nodes}: a pod that uses a disk there can't ` +
        "start. Start a node in each of these zones, or correct nodes if the cluster's nodes are others";
    const warned: [string, Partial<ZonalPersistentStorageArgs>, string[], number][] = [
        ["zones", { zones: ["eu-west-1a", "eu-west-1b"] }, [noNode("eu-west-1a (ordinal 2)")], 2],
        ["zones in use only", { zones: ["eu-west-1a", "eu-west-1b"], count: 1 }, [], 1],
        ["zones that all have nodes", { zones: ["eu-west-1b", "eu-west-1c"] }, [], 2],
        [
            "zones by ordinal",
            { zoneByOrdinal: { "1": "eu-west-1a", "2": "eu-west-1c", "3": "eu-west-1a" } },
            [noNode("eu-west-1a (ordinal 1, 3)")],
            2,
        ],
        [
            "an override",
            { overrides: { "3": { zone: "eu-west-1a" } } },
            [noNode("eu-west-1a (ordinal 3)")],
            3,
        ],
        [
            "many ordinals",
            { zones: ["eu-west-1a"], start: 0, count: 12 },
            [noNode("eu-west-1a (ordinal 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)")],
            1,
        ],
    ];
    warned.forEach(([what, args, warnings, calls]) =>
        [false, true].forEach((preview) =>
            it(`cause ${warnings.length === 0 ? "no warning" : "a warning"} in ${preview ? "a preview" : "an update"}: ${what}`, async () => {
                const recording = await record(() => make(args), world, { preview });
                assert.deepEqual(recording.logs, warnings);
                assert.equal(filtersOf(recording).length, calls);
            }),
        ),
    );

    it("cause a warning when a volume exists in a zone that has lost its nodes", async () => {
        const { logs, calls } = await record(make, world, { actualZones: { "jenkins-2": "eu-west-1a" } });
        assert.deepEqual(logs, [noNode("eu-west-1a (ordinal 2)")]);
        assert.equal(calls.length, 1 + 3);
    });

    it("are all named in one warning", async () => {
        const { logs, result } = await record(() => make({ zones: ["eu-west-1a", "eu-west-1b"] }), {
            ...world,
            instances: [],
        });
        assert.deepEqual(logs, [noNode("eu-west-1a (ordinal 2), eu-west-1b (ordinal 1, 3)")]);
        assert.equal(result?.volumes.length, 3);
    });

    it("cause no error when instances can't be queried", async () => {
        const denied = "UnauthorizedOperation: not authorized to perform ec2:DescribeInstances";
        const { logs, result } = await record(() => make({ zones: ["eu-west-1a"] }), { ...world, denied });
        assert.equal(logs.length, 1);
        assert.match(logs[0]!, /^whether nodes run in the zones of the disks isn't known: could not query/);
        assert.match(logs[0]!, /UnauthorizedOperation/);
        assert.equal(result?.volumes.length, 3);
    });
});
