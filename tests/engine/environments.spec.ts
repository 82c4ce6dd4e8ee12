import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { accountOfNodes, fillAccount } from "../../sandbox/accounts";
import type { CommandResult, PulumiCli } from "../../sandbox/engine/cli";
import { readStack } from "../../sandbox/engine/program";
import type { FaultyServers } from "../../sandbox/faults";
import { diskProblems, SandboxReader } from "../../sandbox/readBack";
import { credentials } from "../../sandbox/servers";
import type { Servers } from "../../sandbox/servers";
import type { VolumeRecord } from "../../components";
import { startCli } from "../support/cli/cli";
import { firstStart, project, stackConfig } from "../support/cluster/sandbox";

const settings = {
    cluster: { name: "proyecto.k8s.local" },
    storages: { data: { count: 3, volume: { sizeGiB: 10 }, protect: false } },
};
const up = ["up", "--yes", "--skip-preview"];

/** The clusters and secrets of docs/environments.md, with the real engine. */
describe("environments with the Pulumi CLI", function () {
    this.timeout(180_000);

    let servers: Servers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();
    let kubeconfig: string;
    let faulty: FaultyServers;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end, faulty } = await startCli(this, { sharesProcess: true }));
        kubeconfig = readFileSync(servers.kubeconfig, "utf8");
    });
    after(() => end());

    /** Runs a command with these settings and, as a secret of the stack, a kubeconfig. */
    const pulumi = async (
        command: string[],
        secret?: string,
        config: Record<string, unknown> = stackConfig(settings),
        environment?: NodeJS.ProcessEnv,
    ) => {
        await cli.configure(config);
        if (secret !== undefined) {
            const key = "zonal-persistent-storage:kubeconfig";
            assert.equal((await cli.run(["config", "set", "--secret", key, "--", secret])).code, 0);
        }
        return cli.run(command, { environment });
    };
    const changes = ({ code, stdout, stderr, events }: CommandResult) => {
        assert.equal(code, 0, stdout + stderr);
        return events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges;
    };
    const exported = async () => (await cli.run(["stack", "export"])).stdout;
    const urns = async () => {
        const { deployment } = JSON.parse(await exported()) as {
            deployment: { resources: { urn: string; type: string }[] };
        };
        return deployment.resources
            .filter(({ type }) => !type.startsWith("pulumi:providers:"))
            .map(({ urn }) => urn)
            .sort();
    };

    it("have a state of the documented size", async () => {
        const page = readFileSync(join(project, "docs", "platform-teams.md"), "utf8");
        const [, base, disk] = /state = ([\d.]+) KB \+ ([\d.]+) KB × disks/.exec(page) ?? [];
        assert.deepEqual(changes(await pulumi(up)), { create: 9 });
        const expected = 1000 * (Number(base) + 3 * Number(disk));
        const { length } = await exported();
        assert.ok(Math.abs(length - expected) < expected / 10, `${length} bytes, not ${expected}`);
    });

    it("change from the machine's kubeconfig to their own and back, without a replacement", async () => {
        assert.deepEqual(changes(await pulumi(up, kubeconfig)), { create: 1, same: 9 });
        assert.deepEqual(changes(await pulumi(up, kubeconfig)), { same: 10 });
        assert.deepEqual(changes(await pulumi(up)), { same: 9, delete: 1 });
        assert.deepEqual(changes(await pulumi(up, kubeconfig)), { create: 1, same: 9 });
    });

    it("accept a new kubeconfig with other names without a replacement", async () => {
        const anew = kubeconfig.replaceAll(": sandbox", ": renewed");
        assert.notEqual(anew, kubeconfig);
        assert.deepEqual(changes(await pulumi(up, anew)), { same: 9, update: 1 });
        assert.deepEqual(changes(await pulumi(up, kubeconfig)), { same: 9, update: 1 });
    });

    it("have no secret in plain text: not in the state, the settings, the outputs, a preview or a log", async () => {
        const [, token = ""] = /token: (\S+)/.exec(kubeconfig) ?? [];
        assert.ok(token.length > 20);
        const [secretKey, sessionToken] = [
            "planted/SecretAccessKey0123456789",
            "planted/SessionToken0123456789",
        ];
        for (const [key, value] of Object.entries({ secretKey, token: sessionToken })) {
            assert.equal((await cli.run(["config", "set", "--secret", `aws:${key}`, "--", value])).code, 0);
        }
        const { config } = parse(readFileSync(join(cli.project, "Pulumi.test.yaml"), "utf8")) as {
            config: Record<string, unknown>;
        };
        const planted = {
            ...stackConfig(settings),
            // Without one the provider has no use for a secret key.
            "aws:accessKey": credentials.accessKeyId,
            "aws:secretKey": config["aws:secretKey"],
            "aws:token": config["aws:token"],
        };
        // One more, and the CLI itself logs every input of a provider (docs/environments.md). The other kubeconfig has a
        // preview something to show.
        const results = [
            await pulumi([...up, "--verbose=8", "--logtostderr", "--logflow"], kubeconfig, planted),
            await pulumi(["preview", "--diff", "--show-reads", "--show-sames"], `${kubeconfig}\n`, planted),
            await cli.run(["stack", "output", "--json"]),
            await cli.run(["config"]),
            await cli.run(["stack", "export"]),
        ];
        results.forEach(({ code, stderr }) => assert.equal(code, 0, stderr.slice(-2000)));
        const { stderr: log } = results[0]!;
        assert.ok(log.length > 100_000, `${log.length} bytes of log`);
        assert.match(results.at(-1)!.stdout, /"clusterIdentifier": "proyecto.k8s.local"/);

        const folders = [cli.project, join(cli.project, "..", "state")];
        const files = folders.flatMap((folder) =>
            readdirSync(folder, { recursive: true, withFileTypes: true })
                .filter((entry) => entry.isFile())
                .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
        );
        assert.ok(files.some((text) => /kubeconfig:\s+secure: /.test(text)));
        assert.ok(
            files.some((text) => text.includes('"pulumi:providers:kubernetes"')),
            "the state",
        );
        const secrets = [token, secretKey, sessionToken].flatMap((secret) => [
            secret,
            Buffer.from(secret).toString("base64").slice(0, -4),
            encodeURIComponent(secret),
        ]);
        [...results.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...files].forEach((text) =>
            secrets.forEach((secret) => assert.ok(!text.includes(secret), around(text, secret))),
        );
        changes(await pulumi(up, kubeconfig));
    });

    it("keep every resource in the state while the cluster can't be reached", async () => {
        const { kubernetes, servers: proxied } = faulty;
        const own = readFileSync(proxied.kubeconfig, "utf8");
        changes(await pulumi(up, own));
        const before = await urns();
        assert.equal(before.length, 9);
        const labelled = { ...settings.storages.data, persistentVolume: { labels: { team: "storage" } } };
        const more = stackConfig({ ...settings, storages: { data: labelled } });
        const attempts: [string[], Record<string, unknown>?][] = [
            [["refresh", "--yes", "--skip-preview"]],
            [["refresh", "--yes", "--skip-preview", "--run-program"]],
            [up, more],
            [["destroy", "--yes", "--skip-preview"]],
        ];
        kubernetes.fail("cut before");
        for (const [command, config] of attempts) {
            const { code, stdout, stderr } = await pulumi(command, own, config, {
                PULUMI_K8S_DELETE_UNREACHABLE: "true",
            });
            assert.notEqual(code, 0, `${command.join(" ")} should fail: ${stdout}${stderr}`);
            assert.match(stdout + stderr, /unreachable/, command.join(" "));
            assert.deepEqual(await urns(), before, command.join(" "));
        }
        kubernetes.heal();
        const { same, update, ...others } = changes(await pulumi(up, own)) ?? {};
        assert.deepEqual([(same ?? 0) + (update ?? 0), others], [10, {}]);
        assert.ok((same ?? 0) >= 9, "all but the provider");
        changes(await pulumi(up, kubeconfig));
    });

    for (const name of ["staging", "prod"]) {
        it(`are deployed from the file of ${name}`, async () => {
            changes(await pulumi(["destroy", "--yes", "--skip-preview"], kubeconfig));
            const { config } = await readStack(project, name);
            const { name: cluster } = config["zonal-persistent-storage:cluster"] as { name: string };
            const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
            await fillAccount(servers, accountOfNodes(cluster, 3, zones));

            const without = await pulumi(["preview"], undefined, { ...config });
            assert.notEqual(without.code, 0);
            assert.match(without.stdout + without.stderr, /Default provider for 'kubernetes' disabled/);

            assert.deepEqual(changes(await pulumi(up, kubeconfig, { ...config })), { create: 10 });
            const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
            const { jenkins } = JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>;
            const disks = await new SandboxReader(servers).disks(jenkins!.volumes);
            assert.deepEqual(disks.flatMap(diskProblems), []);
        });
    }

    it("comply with the policies", async () => {
        const policies = ["--policy-pack", join(project, "policy")];
        const { config } = await readStack(project, "prod");
        assert.deepEqual(changes(await pulumi(["preview", ...policies], kubeconfig, { ...config })), {
            same: 10,
        });
        const storages = config["zonal-persistent-storage:storages"] as object;
        const bad = { count: 1, volume: { sizeGiB: 1, encrypted: false } };
        const { code, stdout, stderr } = await pulumi(["preview", ...policies], kubeconfig, {
            ...config,
            ...stackConfig({ storages: { ...storages, bad } }),
        });
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /volume\.encrypted must be true, got false/);
    });
});

/** Where a text has what it mustn't have. */
function around(text: string, secret: string): string {
    const at = text.indexOf(secret);
    return text.slice(Math.max(0, at - 300), at + 100);
}
