import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { processExists } from "../../tools/terminal/processes";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error, kubernetesError } from "../../sandbox/faults";
import type { Fault, FaultyServers, Request } from "../../sandbox/faults";
import { runningProcesses } from "../../sandbox/processes";
import type { Servers } from "../../sandbox/servers";
import { until } from "../../sandbox/until";
import { runWith, startCli } from "../support/cli/cli";
import { Ledger } from "../support/cluster/ledger";
import { firstStart, startOwnSandbox } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const free = { protect: false, deletionPolicy: "Delete" };
const up = ["up", "--yes", "--skip-preview"];

/** Traces that a failing AWS and a failing cluster leave behind, and that the same command ends it. */
describe("faults with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let faulty: FaultyServers;
    let cli: PulumiCli;
    let directory: string;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, faulty, cli, directory, end } = await startCli(this, {
            start: startOwnSandbox,
            sharesProcess: true,
        }));
    });
    after(() => end());
    afterEach(() => [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal()));

    const pulumi = (
        count: number,
        command = up,
        { sizeGiB = 1, ...options }: Parameters<typeof runWith>[3] & { sizeGiB?: number } = {},
    ) =>
        runWith(
            cli,
            { cluster, storages: { data: { count, volume: { sizeGiB }, ...free } } },
            command,
            options,
        );
    const volumes = async () => [...(await new Ledger(servers, cluster.name).check()).values()].sort();
    const calls =
        (action: string) =>
        ({ body }: Request) =>
            new RegExp(`Action=${action}\\b`).test(body);
    const posts = ({ method, path }: Request) => method === "POST" && path.includes("/persistentvolumes");
    const names = (count: number) => Array.from({ length: count }, (_, ordinal) => `data-${ordinal}`);
    let count = 1;

    const bearable: [string, "ec2" | "kubernetes", Fault, (request: Request) => boolean][] = [
        ["RequestLimitExceeded", "ec2", ec2Error(503, "RequestLimitExceeded"), () => true],
        ["500", "ec2", ec2Error(500, "InternalError"), calls("CreateVolume")],
        ["with connections cut before it hears", "ec2", "cut before", calls("CreateVolume")],
        ["with connections cut after the deed", "ec2", "cut after", calls("CreateVolume")],
        ["429", "kubernetes", kubernetesError(429, "TooManyRequests"), posts],
    ];
    bearable.forEach(([what, server, fault, matching]) =>
        it(`are retried when ${server} answers ${what} twice`, async () => {
            const { faultCount: met } = faulty[server];
            faulty[server].fail(fault, { times: 2, matching });
            const { code, text } = await pulumi(++count);
            assert.equal(code, 0, text);
            assert.equal(faulty[server].faultCount - met, 2);
            assert.deepEqual(await volumes(), names(count));
        }),
    );

    const fatal: [string, "ec2" | "kubernetes", Fault, (request: Request) => boolean, RegExp][] = [
        [
            "UnauthorizedOperation",
            "ec2",
            ec2Error(403, "UnauthorizedOperation"),
            calls("CreateVolume"),
            /UnauthorizedOperation/,
        ],
        ["500", "kubernetes", kubernetesError(500, "InternalError"), posts, /InternalError/],
    ];
    fatal.forEach(([what, server, fault, matching, message]) =>
        it(`fail the update when ${server} always answers ${what}; the same command succeeds later`, async () => {
            faulty[server].fail(fault, { matching });
            const failed = await pulumi(++count);
            assert.notEqual(failed.code, 0);
            assert.match(failed.text, message);
            faulty[server].heal();
            const { code, text } = await pulumi(count);
            assert.equal(code, 0, text);
            assert.deepEqual(await volumes(), names(count));
            assert.deepEqual((await pulumi(count, ["preview"])).steps, []);
        }),
    );

    it("fail the update at worst when the API server restarts; the same command succeeds later", async () => {
        const [apiServer] = runningProcesses(directory).filter(({ name }) => name === "kube-apiserver");
        const { pid } = apiServer!;
        const [command = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
        let restarted: Promise<ChildProcess> | undefined;
        const restart = async () => {
            process.kill(pid, "SIGKILL");
            await until(
                () => Promise.resolve(!processExists(pid) || undefined),
                "the end of the API server",
                10,
            );
            return spawn(command, args, { cwd: directory, stdio: "ignore" });
        };
        faulty.ec2.fail("cut after", {
            times: 1,
            matching: (request) => {
                const isFirst = calls("CreateVolume")(request);
                restarted ??= isFirst ? restart() : undefined;
                return isFirst;
            },
        });
        await pulumi(++count);
        const again = await restarted;
        try {
            const core = kubeConfig(servers).makeApiClient(CoreV1Api);
            const answers = () =>
                core.listNamespace().then(
                    () => true as const,
                    () => undefined,
                );
            await until(answers, "the API server", 60);
            const { code, text } = await pulumi(count);
            assert.equal(code, 0, text);
            assert.deepEqual(await volumes(), names(count));
        } finally {
            end = (
                (last) => () =>
                    last().finally(() => again?.kill("SIGKILL"))
            )(end);
        }
    });
});
