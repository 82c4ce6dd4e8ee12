import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import { parse } from "yaml";
import type { VolumeRecord } from "../../components";
import { configAsText } from "../../sandbox/engine/program";
import { node, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";
import type { RunOptions, World } from "../support/mocks/mocks";

const examples = join(__dirname, "..", "..", "examples");

/** Runs the program of an example, with the config of its stack dev. */
async function runExample<T extends object>(folder: string, place: World, options?: RunOptions) {
    const read = (file: string) => parse(readFileSync(join(examples, folder, file), "utf8")) as never;
    const { name } = read("Pulumi.yaml") as { name: string };
    const settings = existsSync(join(examples, folder, "Pulumi.dev.yaml")) ? read("Pulumi.dev.yaml") : {};
    const config = Object.entries(
        configAsText((settings as { config?: Record<string, unknown> }).config ?? {}),
    );
    return record(
        () => {
            // The mocks' project is called project.
            runtime.setAllConfig(
                Object.fromEntries(
                    config.map(([key, value]) => [key.replace(`${name}:`, "project:"), value]),
                ),
            );
            Object.keys(require.cache)
                .filter((file) => file.startsWith(examples))
                .forEach((file) => Reflect.deleteProperty(require.cache, file));
            // eslint-disable-next-line @typescript-eslint/no-require-imports -- a program is run by loading it
            return require(join(examples, folder, "index.ts")) as T;
        },
        place,
        options,
    );
}

const placed = (volumes: readonly VolumeRecord[] = []) =>
    volumes.map(({ persistentVolumeName, zone }) => `${persistentVolumeName} ${zone}`);

describe("the examples", () => {
    it("jenkins makes the reference case's disks", async () => {
        const { result } = await runExample<{ volumes: VolumeRecord[] }>("jenkins", world);
        assert.deepEqual(placed(result?.volumes), [
            "manual-ebs-01 eu-west-1c",
            "manual-ebs-02 eu-west-1b",
            "manual-ebs-03 eu-west-1c",
        ]);
    });

    describe("eks", () => {
        const tags = { "eks:cluster-name": "shop-1234567", "eks:nodegroup-name": "data-7654321" };
        const place = {
            zones: ["eu-west-1a", "eu-west-1b"],
            instances: [{ id: "i-1", zone: "eu-west-1b", state: "running", tags }, node("eu-west-1a")],
        };
        const others = {
            "aws:eks/cluster:Cluster": {
                name: "shop-1234567",
                endpoint: "https://shop.example.com",
                certificateAuthority: { data: "YXV0aG9yaXR5" },
            },
            "aws:eks/nodeGroup:NodeGroup": { nodeGroupName: "data-7654321", arn: "arn:of:data" },
            "aws:eks/addon:Addon": {},
        };

        it("makes disks in the zones of its node group, with the new cluster's provider", async () => {
            const { result, of } = await runExample<{ volumes: VolumeRecord[] }>("eks", place, { others });
            assert.deepEqual(
                placed(result?.volumes),
                [0, 1, 2].map((ordinal) => `shop-${ordinal} eu-west-1b`),
            );
            const { inputs } = of("pulumi:providers:kubernetes").shop!;
            assert.match(String(inputs.kubeconfig), /https:\/\/shop\.example\.com/);
            Object.values(of(persistentVolumeType)).forEach(({ provider }) =>
                assert.match(provider, /kubernetes::shop::/),
            );
        });

        it("asks for no nodes in the first preview, when there are none yet", async () => {
            const { calls, of } = await runExample("eks", place, { others, preview: true });
            assert.deepEqual(
                calls.filter(({ token }) => token.endsWith("getInstances")),
                [],
            );
            assert.equal(Object.keys(of(volumeType)).length, 3);
        });
    });

    it("several-clusters makes each cluster's disks in its own region", async () => {
        const { result } = await runExample<{ volumes: Record<string, VolumeRecord[]> }>("several-clusters", {
            accounts: {
                ireland: world,
                frankfurt: {
                    zones: ["eu-central-1a", "eu-central-1b"],
                    instances: [
                        {
                            id: "i-1",
                            zone: "eu-central-1b",
                            state: "running",
                            tags: {
                                "karpenter.sh/nodepool": "default",
                                "kubernetes.io/cluster/tienda": "owned",
                                "eks:eks-cluster-name": "tienda",
                            },
                        },
                    ],
                },
            },
        });
        assert.deepEqual(placed(result?.volumes.ireland), [
            "ireland-0 eu-west-1b",
            "ireland-1 eu-west-1c",
            "ireland-2 eu-west-1b",
        ]);
        assert.deepEqual(placed(result?.volumes.frankfurt), [
            "frankfurt-0 eu-central-1b",
            "frankfurt-1 eu-central-1b",
        ]);
    });

    it("inside-a-component makes a child of the other component", async () => {
        const { result, of } = await runExample<{ volumes: VolumeRecord[] }>("inside-a-component", world, {
            others: { "kubernetes:apps/v1:StatefulSet": {} },
        });
        assert.deepEqual(placed(result?.volumes), ["jenkins-0 eu-west-1b"]);
        const { parent } = of("zonal-persistent-storage:index:ZonalPersistentStorage").jenkins!;
        assert.match(parent, /acme:index:Jenkins::jenkins$/);
        const claim = of(persistentVolumeType)["jenkins-0"]?.inputs.spec as { claimRef: { name: string } };
        assert.equal(claim.claimRef.name, "home-jenkins-0");
        const { inputs, dependencies } = of("kubernetes:apps/v1:StatefulSet").jenkins!;
        assert.match(JSON.stringify(inputs), /"storage":"50Gi"/);
        assert.ok(dependencies.some((urn) => urn.endsWith(":PersistentVolume::jenkins-0")));
    });

    it("yaml has the same settings as stack dev", () => {
        const read = (...file: string[]) => parse(readFileSync(join(...file), "utf8")) as never;
        const { resources } = read(examples, "yaml", "Pulumi.yaml") as {
            resources: { jenkins: { properties: object } };
        };
        const { config } = read(examples, "..", "Pulumi.dev.yaml") as {
            config: Record<string, { name: string; jenkins: object }>;
        };
        const { jenkins } = config["zonal-persistent-storage:storages"]!;
        const { name: clusterName } = config["zonal-persistent-storage:cluster"]!;
        assert.deepEqual(resources.jenkins.properties, { clusterName, ...jenkins });
    });
});
