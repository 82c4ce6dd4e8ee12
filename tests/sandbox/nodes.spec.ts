import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import type { VolumeRecord } from "../../components";
import {
    accountOfNodes,
    autoModeAccount,
    eksAccount,
    fillAccount,
    karpenterAccount,
    kopsAccount,
} from "../../sandbox/accounts";
import type { Instance } from "../../sandbox/accounts";
import { ec2Client, startInstances } from "../../sandbox/ec2/instances";
import type { Servers } from "../../sandbox/servers";
import { startReplay } from "../../sandbox/replay";
import { bringUp, firstStart, startSandbox } from "../support/cluster/sandbox";

type Outputs = Record<string, { zones: string[]; volumes: VolumeRecord[] }>;

const [a, b, c] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] as const;
const accounts = [kopsAccount, eksAccount, karpenterAccount, autoModeAccount];

/** A cluster, what its nodes are found by, and the zones that these are in. `first` is its first instance. */
const selections: [string, (first: Instance) => object, string[]][] = [
    ["tienda.k8s.local", () => ({ preset: "kops" }), [b, c]],
    ["tienda.k8s.local", () => ({ preset: "kops", groups: ["data"] }), [c]],
    ["tienda.k8s.local", () => ({ preset: "kops", groups: ["data", "nodes"] }), [b, c]],
    ["tienda.k8s.local", () => ({ securityGroupName: "data-nodes" }), [c]],
    ["tienda.k8s.local", ({ vpcId }) => ({ vpcId }), [b]],
    ["tienda.k8s.local", ({ securityGroupId }) => ({ securityGroupId }), [b]],
    // Without the VPC the other team's counts too: docs/data.md says so.
    ["tienda.k8s.local", () => ({}), [a, b]],
    ["shop", () => ({ preset: "eks" }), [b, c]],
    ["shop", () => ({ preset: "eks", groups: ["web"] }), [b]],
    ["shop", () => ({ tags: { "eks:cluster-name": "shop", "eks:nodegroup-name": "d*" } }), [c]],
    ["shop", () => ({ preset: "karpenter" }), [a]],
    ["tide", () => ({ preset: "karpenter" }), [b, c]],
    ["tide", () => ({ preset: "karpenter", groups: ["data"] }), [c]],
    [
        "tide",
        ({ vpcId }) => ({
            preset: "karpenter",
            vpcId,
            filters: [{ name: "instance-type", values: ["m7g.large", "m8g.large"] }],
        }),
        [b],
    ],
    ["auto", () => ({ preset: "eksAutoMode" }), [b, c]],
    ["auto", () => ({ preset: "eksAutoMode", groups: ["general-purpose"] }), [c]],
    ["auto", ({ vpcId }) => ({ preset: "eksAutoMode", vpcId, groups: ["system"] }), [b]],
];

describe("nodes in the sandbox", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;
    const firsts = new Map<string, Instance>();
    const disk = { count: 2, volume: { sizeGiB: 1 }, deletionPolicy: "Delete", protect: false };

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox());
        for (const account of accounts) {
            const { instances } = await fillAccount(servers, account);
            firsts.set(account.cluster, instances[0]!);
        }
    });
    after(() => end());

    it("are found exactly by each selection, among four clusters and other instances", async () => {
        const cluster = { name: "nobody" };
        const storages = Object.fromEntries(
            selections.map(([name, nodes], index) => [
                `s${index}`,
                { ...disk, nodes: nodes(firsts.get(name)!) },
            ]),
        );
        // The cluster's name is one for all storages of a stack.
        for (const { cluster: name } of accounts) {
            const own = Object.entries(storages).filter((_, index) => selections[index]![0] === name);
            const { errors, outputs } = await bringUp(servers, {
                cluster: { ...cluster, name },
                storages: Object.fromEntries(own),
            });
            assert.deepEqual(errors, []);
            own.forEach(([key]) => {
                const [, nodes, zones] = selections[Number(key.slice(1))]!;
                const what = `${name} ${JSON.stringify(nodes(firsts.get(name)!))}`;
                assert.deepEqual((outputs.storages as Outputs)[key]!.zones, zones, what);
            });
        }
    });

    it("are found in another region than the provider's", async () => {
        const region = "eu-central-1";
        const abroad = { ...servers, region };
        const name = "berlin.k8s.local";
        await startInstances(abroad, accountOfNodes(name, 2, ["eu-central-1b", "eu-central-1c"]).instances);
        const { errors, outputs } = await bringUp(servers, {
            cluster: { name, region },
            storages: { berlin: { ...disk, overrides: { "1": { zone: "euc1-az1" } } } },
        });
        assert.deepEqual(errors, []);
        const { zones, volumes } = (outputs.storages as Outputs).berlin!;
        assert.deepEqual(zones, ["eu-central-1b", "eu-central-1c"]);
        const { Volumes = [] } = await ec2Client(abroad).send(
            new DescribeVolumesCommand({ VolumeIds: volumes.map(({ volumeId }) => volumeId) }),
        );
        assert.deepEqual(Volumes.map(({ AvailabilityZone }) => AvailabilityZone).sort(), [
            "eu-central-1a",
            "eu-central-1b",
        ]);
    });

    it("take as many calls for 5,000 in 6 zones as for 5, and less than 1.5 times the time", async () => {
        const region = "us-east-1";
        const zones = [..."abcdef"].map((letter) => `us-east-1${letter}`);
        const replay = await startReplay(servers);
        try {
            // Without tags, since moto takes four times as long to write them.
            const fill = (name: string, count: number) =>
                startInstances(
                    { ...servers, region },
                    accountOfNodes(name, count, zones, {
                        startedBy: "nobody",
                        securityGroup: `nodes.${name}`,
                    }).instances,
                );
            const up = async (name: string, storage: string) => {
                const started = performance.now();
                const { errors, outputs } = await bringUp(replay.servers, {
                    cluster: { name, region },
                    storages: { [storage]: { ...disk, count: 6 } },
                });
                const seconds = (performance.now() - started) / 1000;
                assert.deepEqual(errors, []);
                const calls = replay.takeCalls().filter((call) => /AvailabilityZones|Instances/.test(call));
                return { seconds, calls, zones: (outputs.storages as Outputs)[storage]!.zones };
            };
            await fill("few", 5);
            await up("few", "first-few");
            await fill("many", 5_000);
            const first = await up("many", "first-many");
            // In turn, so that whatever else the machine does slows both.
            const few: Awaited<ReturnType<typeof up>>[] = [];
            const many: typeof few = [];
            for (const run of [1, 2, 3, 4]) {
                few.push(await up("few", `few-${run}`));
                many.push(await up("many", `many-${run}`));
            }

            const best = (runs: typeof few) => Math.min(...runs.map(({ seconds }) => seconds));
            const times = { 5: best(few), 5000: best(many), "5000 with moto": first.seconds };
            console.log(`        seconds of an up, by number of nodes: ${JSON.stringify(times)}`);
            assert.deepEqual(few[0]!.zones, zones.slice(0, 5));
            assert.deepEqual(first.zones, zones);
            [...few, first, ...many].forEach(({ calls }) =>
                assert.deepEqual(calls.filter((call) => !call.endsWith("page")).sort(), [
                    "DescribeAvailabilityZones",
                    ...zones.map(() => "DescribeInstances"),
                ]),
            );
            assert.ok(times[5000] < 1.5 * times[5], JSON.stringify(times));
        } finally {
            await replay.stop();
        }
    });
});
