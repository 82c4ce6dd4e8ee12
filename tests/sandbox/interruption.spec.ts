import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { runningProcesses } from "../../sandbox/processes";
import { until } from "../../sandbox/until";
import { Checkout } from "../support/cli/checkout";
import { firstStart } from "../support/cluster/sandbox";

/** The sandbox's commands in a copy of the checkout. */
describe("the sandbox's commands", function () {
    this.timeout(firstStart);

    let checkout: Checkout;
    let home: string;
    before(() => {
        checkout = Checkout.copy();
        home = join(checkout.directory, ".sandbox");
    });
    after(() => checkout.end());

    const start = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
        const program = [require.resolve("ts-node/dist/bin"), join("sandbox", file), ...args];
        const child = spawn(process.execPath, program, {
            cwd: checkout.directory,
            env: { ...process.env, ...env },
        });
        const exited = once(child, "exit") as Promise<[number | null, string | null]>;
        const ended = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
            ([stdout, stderr, [status]]) => ({ stdout, stderr, status }),
        );
        return { child, ended };
    };
    const folders = () =>
        existsSync(home) ? readdirSync(home).filter((name) => /^(run|drill|servers)/.test(name)) : [];
    const running = () => folders().flatMap((name) => runningProcesses(join(home, name)));
    /** Processes of any kind in a folder of the checkout's sandboxes. A process that ends keeps its folder for a moment. */
    const inFolders = () =>
        readdirSync("/proc")
            .filter((pid) => /^\d+$/.test(pid))
            .filter((pid) => {
                try {
                    return readlinkSync(join("/proc", pid, "cwd")).startsWith(home);
                } catch {
                    return false;
                }
            });
    const noneLeft = () =>
        until(() => Promise.resolve(inFolders().length === 0 || undefined), "the processes to end", 5);
    const hasStarted = (name: string) => () => running().some((one) => one.name === name);
    const hasFile = (file: string) => () => folders().some((name) => existsSync(join(home, name, file)));

    const moments: readonly [string, string, readonly string[], () => boolean][] = [
        ["before the servers have started", "main.ts", ["run"], () => folders().length > 0],
        ["while the cluster starts", "main.ts", ["run"], hasStarted("etcd")],
        ["while the account is filled", "main.ts", ["run"], hasStarted("kube-scheduler")],
        ["while the stack is deployed", "main.ts", ["run"], hasFile("project")],
        ["while the sandbox that stays starts", "main.ts", ["start"], hasStarted("etcd")],
        ["during the drill", "drill.ts", [], hasStarted("kube-scheduler")],
    ];
    moments.forEach(([when, file, args, isThere]) =>
        it(`say that they are interrupted and leave nothing: ${when}`, async () => {
            const { child, ended } = start(file, args);
            await until(() => Promise.resolve(isThere() || undefined), when, 120);
            child.kill("SIGINT");
            child.kill("SIGINT");
            const { stderr, stdout, status } = await ended;
            assert.match(stderr, /^interrupted$/m, stdout);
            assert.equal(status, 130);
            await noneLeft();
            assert.deepEqual(folders(), []);
        }),
    );

    const kills: readonly [string, string, readonly string[], string][] = [
        ["a run", "main.ts", ["run"], "kube-scheduler"],
        ["a start, whose servers stay", "main.ts", ["start"], "kube-apiserver"],
    ];
    kills.forEach(([what, file, args, server]) =>
        it(`remove what was left when they were killed: ${what}`, async () => {
            const killed = start(file, args);
            await until(() => Promise.resolve(hasStarted(server)() || undefined), server, 120);
            const processes = running();
            killed.child.kill("SIGKILL");
            await killed.ended;
            const left = folders().map((name) => ({ name, since: statSync(join(home, name)).birthtimeMs }));
            assert.equal(left.length, 1);

            const next = start(file, args);
            const isRemoved = () =>
                left.every(({ name, since }) => {
                    const folder = statSync(join(home, name), { throwIfNoEntry: false });
                    return folder?.birthtimeMs !== since;
                });
            await until(() => Promise.resolve(isRemoved() || undefined), "the next one to remove it", 60);
            const isEnded = () => processes.every(({ pid }) => !existsSync(`/proc/${pid}/cwd`));
            await until(() => Promise.resolve(isEnded() || undefined), "its processes to end", 5);
            await until(() => Promise.resolve(folders().length > 0 || undefined), "its own folder", 60);
            next.child.kill("SIGINT");
            assert.equal((await next.ended).status, 130);
            await noneLeft();
            assert.deepEqual(folders(), []);
        }),
    );
});
