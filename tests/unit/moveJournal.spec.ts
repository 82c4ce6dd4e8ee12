import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
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
        await assert.rejects(fileOf().begin(journal), /another process moves disks of this stack/);
        assert.deepEqual((await readdir(join(folder, ".zonal-persistent-storage"))).sort(), [
            ".gitignore",
            "acme.shop.prod.json",
        ]);
    });

    it("is taken by one process only, if the one that had it was killed", async () => {
        const written = await fileOf().write(journal);
        // Two processes that are gone: the second one was killed when it had taken the journal.
        const [first, second] = ["first", "second"].map((id) => ({
            ...written.process,
            id,
            program: "gone",
        }));
        await writeFile(path(), JSON.stringify({ ...written, process: first }));
        await writeFile(`${path()}.after-first`, JSON.stringify(second));
        const script = `
            const { JournalFile } = require("./tools/moves/journal");
            const file = new JournalFile({ configFolder: ${JSON.stringify(folder)} }, "acme/shop/prod");
            file.read().then((journal) => {
                console.log("ready");
                process.stdin.once("data", () =>
                    file.take(journal).then(() => console.log("taken"), ({ message }) => console.log(message)));
            });
            process.stdin.once("end", () => process.exit());`;
        const children = [1, 2, 3].map(() =>
            spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script, "take"], {
                stdio: ["pipe", "pipe", "inherit"],
            }),
        );
        const lines = () =>
            Promise.all(children.map(async ({ stdout }) => String((await once(stdout, "data"))[0]).trim()));
        try {
            assert.deepEqual(await lines(), ["ready", "ready", "ready"]);
            children.forEach(({ stdin }) => stdin.write("go\n"));
            const said = (await lines()).sort();
            assert.equal(said.pop(), "taken", said.join());
            said.forEach((one) =>
                assert.match(one, /^(process \d+|another process) moves disks of this stack/),
            );
            assert.deepEqual((await readdir(join(folder, ".zonal-persistent-storage"))).sort(), [
                ".gitignore",
                "acme.shop.prod.json",
            ]);
        } finally {
            children.forEach((child) => child.kill());
        }
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
                /process \d+ moves disks of this stack: wait for it to end, then run the command again/,
            );
            await assert.rejects(fileOf().take(written), /process \d+ moves disks of this stack/);
            await of({ ...other, host: "elsewhere" });
            assert.notEqual(await fileOf().read(), undefined);
            await of({ ...other, program: "another-program" });
            assert.notEqual(await fileOf().read(), undefined);
        } finally {
            child.kill();
        }
    });
});
