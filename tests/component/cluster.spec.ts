import assert from "node:assert/strict";
import { classType, cluster, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";
import { program } from "../support/mocks/program";

const providerType = "pulumi:providers:kubernetes";
const settings = {
    cluster: { name: cluster },
    storages: {
        data: {
            count: 2,
            volume: { sizeGiB: 1 },
            claims: { statefulSet: "web", template: "www", create: true },
            dynamicStorageClass: { name: "data-dynamic" },
        },
    },
};
const kubeconfig = JSON.stringify({ kind: "Config", users: [{ user: { token: "planted" } }] });
const types = [persistentVolumeType, classType, "kubernetes:core/v1:PersistentVolumeClaim"];

/** The key by which Pulumi marks a value in a message as a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

describe("the cluster", () => {
    const run = (different: object) => record(program("index.ts", { ...settings, ...different }), world);

    it("is the one of the machine's kubeconfig when the config has none", async () => {
        const { of, registrations } = await run({});
        assert.deepEqual(of(providerType), {});
        assert.deepEqual(new Set(registrations.map(({ provider }) => provider)), new Set([""]));
    });

    it("is the one of the config's kubeconfig for every object of Kubernetes, and for none of AWS", async () => {
        const { of } = await run({ kubeconfig, context: "admin" });
        const { cluster: provider } = of(providerType);
        const { kubeconfig: sent, ...others } = provider!.inputs;
        assert.deepEqual(others, {
            context: "admin",
            clusterIdentifier: cluster,
            deleteUnreachable: "false",
        });
        assert.deepEqual(
            Object.keys(sent as object).includes(secretMark),
            true,
            "the kubeconfig is a secret",
        );
        assert.equal((sent as { value: string }).value, kubeconfig);
        const objects = types.flatMap((type) => Object.values(of(type)));
        assert.equal(objects.length, 2 + 2 + 2);
        objects.forEach((object) => assert.match(object.provider, /::cluster::cluster-id$/, object.name));
        Object.values(of(volumeType)).forEach((volume) => assert.equal(volume.provider, ""));
    });

    it("is the one of the config's context in the machine's kubeconfig", async () => {
        const { of } = await run({ context: "admin" });
        const { kubeconfig: _, ...others } = of(providerType).cluster!.inputs;
        assert.deepEqual(others, {
            context: "admin",
            clusterIdentifier: cluster,
            deleteUnreachable: "false",
        });
    });

    it("keeps its objects in the state while it is out of reach, whatever the environment says", async () => {
        process.env.PULUMI_K8S_DELETE_UNREACHABLE = "true";
        try {
            const { of } = await run({ kubeconfig });
            assert.equal(of(providerType).cluster?.inputs.deleteUnreachable, "false");
        } finally {
            delete process.env.PULUMI_K8S_DELETE_UNREACHABLE;
        }
    });

    it("is rejected with all problems at once, and without the kubeconfig in the message", async () => {
        const wrong = {
            cluster: { name: "" },
            kubeconfig: " ",
            context: "",
            "kubernetes:deleteUnreachable": "true",
        };
        const { error, registrations } = await recordFailure(
            program("index.ts", { ...settings, ...wrong }),
            world,
        );
        assert.equal(
            error.message,
            [
                "the stack's config can't be used:",
                '  - cluster.name must be the cluster\'s name: letters, digits, dots, hyphens, underscores, at most 106, got ""',
                '  - kubeconfig must not be empty: leave it out, got ""',
                '  - context must not be empty: leave it out, got ""',
                '  - kubernetes:deleteUnreachable must be left out: a cluster out of reach would lose its disks from the state, got "true"',
            ].join("\n"),
        );
        assert.deepEqual(
            registrations.filter(({ custom }) => custom),
            [],
        );
    });
});
