import assert from "node:assert/strict";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { runWith, startCli } from "../support/cli/cli";
import { firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
/** Values of settings of one storage, by path. */
const planted = {
    "volume.tags.code": "planted-tag-5b1f",
    "persistentVolume.labels.code": "planted-label-77c0",
    "persistentVolume.annotations.code": "planted annotation 31aa",
    "persistentVolume.mountOptions[0]": "planted_option=9d2e",
};
const texts = Object.values(planted);
const plain = { count: 1, volume: { sizeGiB: 10 }, protect: false, deletionPolicy: "Delete" };
const data = {
    ...plain,
    volume: { sizeGiB: 10, tags: { team: "storage", code: planted["volume.tags.code"] } },
    persistentVolume: {
        labels: { code: planted["persistentVolume.labels.code"] },
        annotations: { code: planted["persistentVolume.annotations.code"] },
        mountOptions: [planted["persistentVolume.mountOptions[0]"]],
    },
};

/** How Pulumi marks a secret in the state. */
const secretMark = "4dabf18193072939515e22adb298388d";

interface State {
    readonly deployment: {
        readonly resources: {
            readonly type: string;
            readonly inputs?: { readonly tags?: Record<string, unknown> };
            readonly additionalSecretOutputs?: string[];
        }[];
    };
}

/** Settings that are secret, as docs/environments.md has them, against the real engine. */
describe("secret settings with the Pulumi CLI", function () {
    this.timeout(120_000);

    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ cli, end } = await startCli(this, { sharesProcess: true }));
    });
    after(() => end());

    const exported = async () => (await cli.run(["stack", "export"])).stdout;
    const makeSecret = async (values: Readonly<Record<string, string>>) => {
        for (const [path, value] of Object.entries(values)) {
            const at = `storages.data.${path}`;
            const set = await cli.run(["config", "set", "--secret", "--path", at, "--", value]);
            assert.equal(set.code, 0, set.stderr);
        }
    };
    const assertWithout = (what: string, text: string, secrets = texts) =>
        secrets.forEach((secret) => {
            const forms = [secret, Buffer.from(secret).toString("base64").slice(0, -4)];
            forms.forEach((form) => assert.ok(!text.includes(form), `${what} has ${secret}`));
        });

    it("change nothing when there are none", async () => {
        assert.deepEqual((await runWith(cli, { cluster, storages: { data } }, up)).changes, { create: 5 });
        const state = await exported();
        assert.ok(!state.includes(secretMark));
        assert.ok(!state.includes("additionalSecretOutputs"));
        texts.forEach((text) => assert.ok(state.includes(text)));
    });

    it("cause no requests when a setting becomes a secret", async () => {
        await makeSecret(planted);
        const { code, stdout, events } = await cli.run(["preview", "--diff"]);
        assert.equal(code, 0, stdout);
        const changed = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
        assert.deepEqual(
            changed.filter(({ op }) => op !== "same").map(({ op, type }) => `${op} ${type}`),
            ["update zonal-persistent-storage:index:ZonalPersistentStorage"],
        );
    });

    it("are encrypted in the state after their next change", async () => {
        const renewed = Object.fromEntries(
            Object.entries(planted).map(([path, value]) => [path, value.replace("planted", "renewed")]),
        );
        await makeSecret(renewed);
        const { code, stdout } = await cli.run(up);
        assert.equal(code, 0, stdout);
        assertWithout("the state", await exported(), [...texts, ...Object.values(renewed)]);
        await runWith(cli, { cluster, storages: { data } }, ["destroy", "--yes", "--skip-preview"]);
    });

    it("are in no state, preview, output or log", async () => {
        await cli.configure(stackConfig({ cluster, storages: { data } }));
        await makeSecret(planted);
        const made = await cli.run([...up, "--verbose=8", "--logtostderr"]);
        assert.equal(made.code, 0, made.stdout);
        assertWithout("the log", made.stdout + made.stderr);

        const state = await exported();
        assertWithout("the state", state);
        const { resources } = (JSON.parse(state) as State).deployment;
        const volume = resources.find(({ type }) => type === "aws:ebs/volume:Volume");
        assert.equal(
            volume?.inputs?.tags?.["KubernetesCluster"],
            cluster.name,
            "what tools go by is to be seen",
        );
        assert.deepEqual(volume.additionalSecretOutputs, ["tagsAll"]);

        const outputs = await cli.run(["stack", "output", "--json"]);
        assert.ok(!outputs.stdout.includes("[secret]"), "where the disks are is no secret");
        const preview = await cli.run(["preview", "--diff", "--refresh"]);
        assertWithout("a preview", preview.stdout + preview.stderr);
        assert.deepEqual((await cli.run([...up, "--expect-no-changes"])).code, 0);
    });

    it("make derived outputs secret: the zones, for secret nodes", async () => {
        const nodes = ["--path", "cluster.nodes.securityGroupName", "--", `nodes.${cluster.name}`];
        const outputs = async () => {
            const { stdout } = await cli.run(["stack", "output", "--json"]);
            const { readme, storages } = JSON.parse(stdout) as {
                readme: string;
                storages: { data: { zones: unknown; volumes: unknown; storageClassName: unknown } };
            };
            const { zones, volumes, storageClassName } = storages.data;
            return [zones, volumes, readme, storageClassName].map((one) => one === "[secret]");
        };
        await cli.configure(stackConfig({ cluster, storages: { data: plain } }));
        assert.equal((await cli.run(up)).code, 0);
        assert.equal((await cli.run(["config", "set", "--secret", ...nodes])).code, 0);
        const { events } = await cli.run(up);
        const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
        assert.ok(!steps.some(({ op, type }) => op !== "same" && /^(aws|kubernetes):/.test(type)));
        assert.deepEqual(await outputs(), [true, false, false, false], "where EC2 says that a volume is");

        await cli.run(["destroy", "--yes", "--skip-preview"]);
        const made = await cli.run(up);
        assert.equal(made.code, 0, made.stdout);
        assert.deepEqual(await outputs(), [true, true, true, false]);
        assert.equal((await cli.run([...up, "--expect-no-changes"])).code, 0);
        await cli.run(["destroy", "--yes", "--skip-preview"]);
    });

    it("are in no error", async () => {
        const wrong = {
            "persistentVolume.labels.code": "planted label!",
            "volume.tags.code": "planted".repeat(40),
        };
        await makeSecret(wrong);
        const { code, stdout, stderr } = await cli.run(["preview"]);
        assert.notEqual(code, 0);
        assert.match(
            stdout + stderr,
            /storages\.data\.persistentVolume\.labels\.code must be a label: .*, got \[secret\]/,
        );
        assert.match(
            stdout + stderr,
            /storages\.data\.volume\.tags\.code must be text of at most 256 characters, got \[secret\]/,
        );
        assertWithout("an error", stdout + stderr, ["planted label", "plantedplanted"]);
    });
});
