import { CreateSnapshotCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { FaultyServers, Request } from "../../sandbox/faults";
import type { Servers } from "../../sandbox/servers";
import { until } from "../../sandbox/until";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { idInState } from "../support/cluster/ledger";
import { runRecover } from "../support/tools/onStack";
import { firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";
const up = ["up", "--yes", "--skip-preview"];

/** Claims that the stack creates, where an update ends before its end, or where they are taken away. */
describe("claims of the stack, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let servers: Servers;
    let faulty: FaultyServers;
    let cli: PulumiCli;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, faulty, cli, end } = await startCli(this, { sharesProcess: true }));
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());
    afterEach(async () => {
        faulty.kubernetes.heal();
        await cli.run(["state", "unprotect", "--all", "--yes"]);
        await cli.run(["destroy", "--yes", "--skip-preview"]);
    });

    const names = ["a", "b"];
    const storage = (different: object = {}) => ({
        cluster,
        storages: {
            data: { count: 2, volume: { sizeGiB: 1 }, claims: { names, create: true }, ...different },
        },
    });
    const moved = storage({ overrides: { "0": { moves: [{ zone: "eu-west-1c" }] } } });
    const claim = async (name: string) => {
        const { spec, status } = await core.readNamespacedPersistentVolumeClaim({ name, namespace });
        return [spec?.volumeName, status?.phase];
    };
    const volumeOf = async (name: string) =>
        (await core.readPersistentVolume({ name })).spec?.csi?.volumeHandle;
    const isFor = (request: Request, verb: string) =>
        request.method === verb && /\/persistentvolumes\/data-0\b/.test(request.path);

    /** Kills an update, with all that it has started, when the cluster gets a request. */
    const killedAt = async (isIt: (request: Request) => boolean) => {
        let isThere = false;
        faulty.kubernetes.fail("hang", { matching: (request) => (isThere ||= isIt(request)) });
        const kill = new AbortController();
        const killed = runWith(cli, moved, up, { kill: kill.signal, killsGroup: true });
        await until(() => Promise.resolve(isThere || undefined), "the request", 60);
        kill.abort();
        assert.notEqual((await killed).code, 0);
        faulty.kubernetes.heal();
    };
    const deletions = {
        "the claim's deletion, not done": ({ method, path }: Request) =>
            method === "DELETE" && /\/persistentvolumeclaims\/a\b/.test(path),
        "the PersistentVolume's deletion, not done": (request: Request) => isFor(request, "DELETE"),
        "the PersistentVolume's deletion, done": (() => {
            let isDone = false;
            return (request: Request) => {
                const isLater = isDone && isFor(request, "GET");
                isDone ||= isFor(request, "DELETE");
                return isLater;
            };
        })(),
    };

    Object.entries(deletions).forEach(([how, isIt]) =>
        it(`are there after a move that was killed at ${how}`, async () => {
            await mustRun(cli, storage(), up);
            const VolumeId = await idInState(cli, "data-0");
            await ec2Client(servers).send(new CreateSnapshotCommand({ VolumeId }));
            await killedAt(isIt);

            await cli.configure(stackConfig(moved));
            const { status, stdout, stderr } = await runRecover(cli, faulty.servers, ["--yes"]);
            assert.equal(status, 0, stdout + stderr);
            assert.deepEqual(await claim("a"), ["data-0", "Bound"]);
            assert.equal(await volumeOf("data-0"), await idInState(cli, "data-0-moved-1"));
            assert.deepEqual((await runWith(cli, moved, ["preview", "--refresh"])).steps, []);
        }),
    );

    it("are taken away and given back, with the same disks", async () => {
        const reserved = storage({ claims: { names } });
        await mustRun(cli, storage(), up);
        const before = await Promise.all(["data-0", "data-1"].map(volumeOf));
        await mustRun(cli, reserved, up);
        assert.deepEqual((await core.listNamespacedPersistentVolumeClaim({ namespace })).items, []);
        assert.deepEqual((await runWith(cli, reserved, ["preview", "--refresh"])).steps, []);
        await mustRun(cli, storage(), up);
        assert.deepEqual(await claim("a"), ["data-0", "Bound"]);
        assert.deepEqual(await claim("b"), ["data-1", "Bound"]);
        assert.deepEqual(await Promise.all(["data-0", "data-1"].map(volumeOf)), before);
        assert.deepEqual((await runWith(cli, storage(), ["preview", "--refresh"])).steps, []);
    });

    it("get other names, and keep their disks", async () => {
        const others = storage({ claims: { names: ["c", "b"], create: true } });
        await mustRun(cli, storage(), up);
        const before = await Promise.all(["data-0", "data-1"].map(volumeOf));
        await mustRun(cli, others, up);
        assert.deepEqual(await claim("c"), ["data-0", "Bound"]);
        assert.deepEqual(await Promise.all(["data-0", "data-1"].map(volumeOf)), before);
        assert.deepEqual((await runWith(cli, others, ["preview", "--refresh"])).steps, []);
    });

    it("that somebody has deleted are given up after a minute, with the command that frees the disk", async () => {
        await mustRun(cli, storage(), up);
        await core.deleteNamespacedPersistentVolumeClaim({ name: "a", namespace });
        const began = Date.now();
        const { code, text } = await runWith(cli, storage(), [...up, "--refresh"]);
        assert.notEqual(code, 0);
        assert.ok(Date.now() - began < 150_000, text);
        const [, name = "", patch = ""] =
            /kubectl patch pv\/(\S+) --type=json --patch='([^']+)'; then run pulumi up\s+again/.exec(text) ??
            [];
        assert.equal(name, "data-0", text);
        const free = () => core.patchPersistentVolume({ name, body: JSON.parse(patch) as object });
        await free();
        await mustRun(cli, storage(), up);
        assert.deepEqual(await claim("a"), ["data-0", "Bound"]);
        await assert.rejects(free, /422/);
        assert.deepEqual(await claim("a"), ["data-0", "Bound"]);
        assert.deepEqual((await runWith(cli, storage(), ["preview", "--refresh"])).steps, []);
    });
});
