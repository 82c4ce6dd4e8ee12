import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { JournalFile } from "../../tools/moves/journal";

describe("the journal of moves", () => {
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "journal-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const journal = {
        command: ["evacuate", "--zone=eu-west-1b"],
        startedAt: "2026-11-26T12:00:00.000Z",
        context: "prod",
        region: "eu-west-1",
        moves: [],
        workloads: [],
        claims: [],
        lostNodes: [],
        lostPods: [],
        left: [],
        leftPods: [],
        isStarted: false,
    };
    const fileOf = (stack = "acme/shop/prod") =>
        new JournalFile({ name: "shop", configFolder: folder }, stack);
    const path = () => join(folder, ".zonal-persistent-storage", "acme.shop.prod.json");

    it("is read as it was written", async () => {
        await fileOf().write(journal);
        const { process: writer, ...read } = (await fileOf().read())!;
        assert.deepEqual(read, journal);
        assert.deepEqual([writer.pid, writer.host], [process.pid, hostname()]);
    });

    it("is for its stack", async () => {
        await fileOf().write(journal);
        assert.equal(await fileOf("dev").read(), undefined);
    });

    it("is readable for nobody else, and not for git", async () => {
        await fileOf().write(journal);
        assert.equal((await stat(path())).mode & 0o077, 0);
        assert.equal(await readFile(join(folder, ".zonal-persistent-storage", ".gitignore"), "utf8"), "*\n");
        assert.deepEqual((await readdir(join(folder, ".zonal-persistent-storage"))).sort(), [
            ".gitignore",
            "acme.shop.prod.json",
        ]);
    });

    it("leaves the journals of other stacks when it is removed", async () => {
        await fileOf().write(journal);
        await fileOf("dev").write(journal);
        await fileOf().remove();
        assert.equal(await fileOf().read(), undefined);
        assert.notEqual(await fileOf("dev").read(), undefined);
        await fileOf("dev").remove();
        assert.deepEqual(await readdir(folder), []);
    });

    it("is refused with its path when it is damaged", async () => {
        await fileOf().write(journal);
        const text = await readFile(path(), "utf8");
        for (const damaged of [text.slice(0, text.length / 2), "", "{}", "[]", "null"]) {
            await writeFile(path(), damaged);
            await assert.rejects(
                fileOf().read(),
                /acme\.shop\.prod\.json must be the journal of an interrupted command: it is damaged/,
            );
        }
    });

    it("is begun by one process only", async () => {
        const begun = await Promise.allSettled([fileOf().begin(journal), fileOf().begin(journal)]);
        assert.deepEqual(begun.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
        await assert.rejects(fileOf().begin(journal), /another process began to move disks/);
        assert.deepEqual((await readdir(join(folder, ".zonal-persistent-storage"))).sort(), [
            ".gitignore",
            "acme.shop.prod.json",
        ]);
    });

    it("isn't taken from a process that works on it", async () => {
        const written = await fileOf().write(journal);
        const of = (one: object) =>
            writeFile(path(), JSON.stringify({ ...written, process: { ...written.process, ...one } }));
        const child = spawn(process.execPath, ["-e", "setTimeout(() => undefined, 60_000)"]);
        try {
            await once(child, "spawn");
            const other = { pid: child.pid, program: basename(process.execPath) };
            await of(other);
            await assert.rejects(
                fileOf().read(),
                /process \d+ moves disks of this stack since .*: wait for it to end/,
            );
            const taken = fileOf().take(written);
            await setTimeout(200);
            await of(other);
            await assert.rejects(taken, /process \d+ moves disks of this stack/);
            await of({ ...other, host: "elsewhere" });
            assert.notEqual(await fileOf().read(), undefined);
            await of({ ...other, program: "another-program" });
            assert.notEqual(await fileOf().read(), undefined);
        } finally {
            child.kill();
        }
    });
});
