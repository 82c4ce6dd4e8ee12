import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { RunFolder } from "../../tools/acceptance/runFolder";

describe("folder of a killed acceptance run", () => {
    const { XDG_CACHE_HOME: cacheBefore } = process.env;
    let cache = "";
    beforeEach(() => {
        cache = mkdtempSync(join(tmpdir(), "run-folder-"));
        process.env.XDG_CACHE_HOME = cache;
    });
    afterEach(() => {
        rmSync(cache, { recursive: true });
        if (cacheBefore === undefined) {
            delete process.env.XDG_CACHE_HOME;
        } else {
            process.env.XDG_CACHE_HOME = cacheBefore;
        }
    });

    const folderOf = (run: string) =>
        RunFolder.create({
            run,
            account: "123456789012",
            region: "eu-west-1",
            cluster: "proyecto.k8s.local",
            context: "sandbox",
            pid: 2 ** 30,
        });
    /** A process that is called like the CLI and has the lock of a run's stack. */
    const working = async ({ state }: RunFolder, machine = hostname()) => {
        const command = ["-e", "console.log('ready'); setInterval(() => undefined, 1000)", "pulumi"];
        const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "ignore"] });
        await once(child.stdout, "data");
        const locks = join(state, ".pulumi/locks/organization/zonal-persistent-storage/acceptance");
        mkdirSync(locks, { recursive: true });
        const lock = {
            pid: child.pid,
            username: "ana",
            hostname: machine,
            timestamp: "2026-11-24T10:00:00Z",
        };
        writeFileSync(join(locks, "1.json"), JSON.stringify(lock));
        return child;
    };

    it("ends only the process with the lock of its stack", async () => {
        const [folder, other] = [await folderOf("20261124-aaaaaa"), await folderOf("20261124-bbbbbb")];
        const [ended, goesOn] = [await working(folder), await working(other)];
        try {
            await folder.endPulumi();
            if (ended.signalCode === null) {
                await once(ended, "exit");
            }
            assert.equal(ended.signalCode, "SIGTERM");
            assert.equal(goesOn.signalCode, null);
        } finally {
            [ended, goesOn].forEach((child) => child.kill("SIGKILL"));
        }
    });

    it("always has a complete record", async () => {
        const folder = await folderOf("20261124-aaaaaa");
        let isWriting = true;
        const writing = (async () => {
            for (let pid = 1; pid <= 300; pid++) {
                await folder.setPulumiPid(pid);
            }
        })().finally(() => (isWriting = false));
        while (isWriting as boolean) {
            assert.deepEqual(
                (await RunFolder.all()).map(({ run }) => run.run),
                ["20261124-aaaaaa"],
            );
        }
        await writing;
    });

    it("ignores locks of other machines", async () => {
        const folder = await folderOf("20261124-aaaaaa");
        const goesOn = await working(folder, "runner-7");
        try {
            await folder.endPulumi();
            assert.equal(goesOn.signalCode, null);
        } finally {
            goesOn.kill("SIGKILL");
        }
    });
});
