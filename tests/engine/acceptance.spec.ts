import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acceptanceGrants, acceptanceKinds } from "../../tools/acceptance/rights";
import { nameOf } from "../../tools/acceptance/runIds";
import { grants, policyOf } from "../../permissions/iamRights";
import { kinds } from "../../permissions/rbacRights";
import { changeAccount, resetAccount } from "../../sandbox/ec2/account";
import { IamGuard } from "../../sandbox/iam/guard";
import { until } from "../../sandbox/until";
import { AcceptanceRun } from "../support/tools/acceptance";
import type { AcceptanceReport } from "../support/tools/acceptance";
import { startCli } from "../support/cli/cli";
import type { CliSandbox } from "../support/cli/cli";
import { ClusterUser } from "../support/cluster/clusterUser";
import { leftovers } from "../support/tools/leftovers";
import { firstStart } from "../support/cluster/sandbox";
import { delayOf } from "../support/chance";

const cluster = "proyecto.k8s.local";
const account = "123456789012";
const where = ["--account", account, "--region", "eu-west-1", "--cluster", cluster, "--yes"];

/** docs/acceptance.md, with the code that runs on a real account. */
describe("the acceptance check with the Pulumi CLI", function () {
    this.timeout(400_000);

    let sandbox: CliSandbox;
    let environment: NodeJS.ProcessEnv;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        sandbox = await startCli(this);
        ({ end } = sandbox);
        environment = {
            ...process.env,
            ...sandbox.faulty.servers.environment,
            PULUMI_DEBUG_PROVIDERS: sandbox.cli.debugProviders,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            XDG_CACHE_HOME: join(sandbox.directory, "cache"),
        };
    });
    after(() => end());

    const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
        AcceptanceRun.start([...where, ...args], { ...environment, ...env });
    const left = () => leftovers(sandbox.servers);
    /** Folders of runs whose removal isn't complete. */
    const folders = () =>
        readdirSync(join(sandbox.directory, "cache", "zonal-persistent-storage", "acceptance")).filter(
            (name) => !name.endsWith(".log"),
        );

    it("passes with the rights that its page lists and no other, in an account that takes its time", async () => {
        await changeAccount(sandbox.servers, {
            encryptionByDefault: true,
            creationSeconds: 1,
            modificationSeconds: 6,
            snapshotSeconds: 3,
        });
        const names = { REGION: "eu-west-1", ACCOUNT: account, CLUSTER: cluster, KEY: "none" };
        const needed = grants.filter(({ feature }) => feature === "volumes" || feature === "snapshots");
        const guard = new IamGuard(sandbox.servers);
        guard.policy = policyOf([...needed, ...acceptanceGrants], names);
        // Nobody needs a right to this one.
        sandbox.faulty.ec2.judge = (request) =>
            request.body.includes("Action=GetCallerIdentity")
                ? Promise.resolve(undefined)
                : guard.judge(request);
        const user = await ClusterUser.of(sandbox.servers);
        await user.allow([...kinds, ...acceptanceKinds]);
        const kubeconfig = join(sandbox.directory, "kubeconfig.acceptance");
        writeFileSync(kubeconfig, user.kubeconfig, { mode: 0o600 });

        const { status, stdout, stderr } = await start(["--json"], { KUBECONFIG: kubeconfig }).ended();
        const { run, steps } = JSON.parse(stdout) as AcceptanceReport;
        const others = steps.filter(({ result }) => result !== "as expected");
        assert.deepEqual(
            others.map(({ step, result }) => [step, result]),
            [
                ["claim, and a pod that writes", "in part"],
                ["a pod that reads after the move", "in part"],
            ],
            `${stdout}\n${stderr}`,
        );
        assert.equal(status, 0);
        assert.equal(steps.length, 14);
        assert.ok(stderr.includes(nameOf(run)), stderr);
        assert.ok(stderr.includes("costs at most 0.02 USD"), stderr);
        assert.deepEqual(await left(), []);
        assert.deepEqual(folders(), []);
        sandbox.faulty.ec2.judge = () => Promise.resolve(undefined);
        await resetAccount(sandbox.servers);
    });

    it("refuses another account, and what else is wrong, before it creates anything", async () => {
        const args = ["--account", "999999999999", "--json"];
        const { status, stdout, stderr } = await start(args, { KUBECONFIG: "/dev/null" }).ended();
        assert.deepEqual([status, stdout], [2, ""], stderr);
        const [first, second] = stderr.split("\n");
        assert.match(
            first!,
            /^--account must be the account of the credentials, which is 123456789012 by sts:GetCallerIdentity: .*, got "999999999999"$/,
        );
        assert.match(second!, /^could not read the cluster: .*; check KUBECONFIG/);
        assert.deepEqual(await left(), []);
    });

    it("leaves nothing when it is killed and --clean follows", async () => {
        await killed(/^1\/13 .* \.\.\.$/m, 10_000);
        const { status, stdout, stderr } = await start(["--clean"]).ended();
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^nothing (is left|to remove)$/m);
        assert.deepEqual([await left(), folders()], [[], []]);
    });

    it("leaves nothing when it is killed and another run follows, which is interrupted", async () => {
        await killed(/^2\/13 .* \.\.\.$/m, 5_000);
        assert.ok((await left()).includes("volume"), "there was something to remove");
        const next = start(["--json"]);
        await next.waitForOutput(/^1\/13 .* \.\.\.$/m);
        while (!(await left()).includes("volume")) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        next.interrupt();
        const { status, stdout, stderr } = await next.ended();
        assert.equal(status, 1, stderr);
        assert.match(stderr, /^leftovers of killed runs, removed first:$/m);
        const { steps, left: stuck } = JSON.parse(stdout) as AcceptanceReport;
        // It may have ended the step that was under way.
        const cut = steps.findIndex(({ seen }) => seen === "interrupted by SIGINT");
        const [cleaning, ...notRun] = steps.slice(cut + 1).reverse();
        assert.ok(cut !== -1 && cut < 3, stdout);
        assert.ok(notRun.length > 0 && notRun.every(({ result }) => result === "not run"), stdout);
        assert.deepEqual([cleaning?.result, stuck], ["as expected", []]);
        assert.deepEqual([await left(), folders()], [[], []]);
    });

    it("leaves nothing when it is killed alone, its update still waits for EC2, and --clean follows", async () => {
        const { ec2 } = sandbox.faulty;
        ec2.fail("hang", { matching: ({ body }) => /Action=CreateVolume\b/.test(body) });
        const { faultCount: met } = ec2;
        const run = start();
        const ended = run.ended().then(({ stderr }) => assert.equal(ec2.faultCount > met, true, stderr));
        await Promise.race([
            ended,
            until(() => Promise.resolve(ec2.faultCount > met || undefined), "CreateVolume", 120),
        ]);
        run.kill();
        await ended;
        const { status, stdout, stderr } = await start(["--clean"]).ended();
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^nothing (is left|to remove)$/m);
        ec2.heal();
        await sleep(10_000);
        assert.deepEqual([await left(), folders()], [[], []]);
    });

    /** Kills a run within some milliseconds of its saying something. */
    async function killed(words: RegExp, within: number): Promise<void> {
        const run = start();
        await run.waitForOutput(words);
        const after = Math.round((delayOf(within) / 3000) * within);
        await new Promise((resolve) => setTimeout(resolve, after));
        run.killGroup();
        const { status, stderr } = await run.ended();
        console.log(`      killed after ${after} ms: ${stderr.trim().split("\n").at(-1)}`);
        assert.equal(status, -1);
    }
});
