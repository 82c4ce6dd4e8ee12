import { DescribeAvailabilityZonesCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { accountOfNodes, fillAccount, jenkinsOnKops } from "../../sandbox/accounts";
import type { FilledAccount, InstanceGroup } from "../../sandbox/accounts";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import { recordCalls } from "../../sandbox/ec2/recorder";
import { runningProcesses } from "../../sandbox/processes";
import { until } from "../../sandbox/until";
import { startServers, stopServers } from "../../sandbox/servers";
import type { ServerOptions, Servers } from "../../sandbox/servers";

const programs = ["ec2", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];

/** The first start on a machine compiles the cluster. */
const firstStart = 30 * 60_000;

describe("sandbox servers", function () {
    this.timeout(120_000);

    const directories: string[] = [];
    const lines: string[] = [];
    let servers: Servers;
    let others: Servers;
    let account: FilledAccount;

    const newDirectory = () => {
        const directory = mkdtempSync(path.join(tmpdir(), "sandbox-"));
        directories.push(directory);
        return directory;
    };
    const start = (options: Partial<ServerOptions> = {}) =>
        startServers({
            directory: newDirectory(),
            mode: "attached",
            report: (line) => lines.push(line),
            ...options,
        });

    before(async function () {
        this.timeout(firstStart);
        servers = await start();
        [account, others] = await Promise.all([fillAccount(servers, jenkinsOnKops), start()]);
    });

    after(async () => {
        await Promise.all(directories.map(stopServers));
        directories.forEach((directory) => rmSync(directory, { recursive: true, force: true }));
    });

    /** Ids of the instances that EC2 finds with these filters. */
    const found = async (filters: Record<string, string>, where = servers) => {
        const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
        const { Reservations = [] } = await ec2Client(where).send(new DescribeInstancesCommand({ Filters }));
        return Reservations.flatMap(({ Instances = [] }) => Instances.map((i) => i.InstanceId)).sort();
    };

    /** Ids of the account's instances of which that is true. */
    const started = (predicate: (group: InstanceGroup) => boolean) =>
        account.instances
            .filter(({ group }) => predicate(group))
            .map(({ id }) => id)
            .sort();

    const kubernetes = (where: Servers) => kubeConfig(where).makeApiClient(CoreV1Api);

    it("report progress while they start", () => {
        assert.ok(
            lines.some((line) => /^EC2 is ready after [\d.]+ s$/.test(line)),
            lines.join("\n"),
        );
        assert.ok(
            lines.some((line) => /^the cluster is ready after [\d.]+ s$/.test(line)),
            lines.join("\n"),
        );
    });

    it("answer DescribeInstances as the query for nodes needs it", async () => {
        const isNode = ({ cluster, role }: InstanceGroup) =>
            cluster === "proyecto.k8s.local" && role === "node";
        const group = { "instance.group-name": "nodes.proyecto.k8s.local" };
        const running = { ...group, "instance-state-name": "running" };

        assert.deepEqual(await found(group), started(isNode));
        assert.deepEqual(
            await found(running),
            started((g) => isNode(g) && g.state === undefined),
        );
        for (const [zone, count] of Object.entries({ "eu-west-1a": 0, "eu-west-1b": 1, "eu-west-1c": 2 })) {
            const inZone = await found({ ...running, "availability-zone": zone });
            assert.deepEqual(
                inZone,
                started((g) => isNode(g) && g.state === undefined && g.zone === zone),
            );
            assert.equal(inZone.length, count);
        }
        const inZoneA = { ...group, "availability-zone": "eu-west-1a" };
        assert.equal((await found({ ...inZoneA, "instance-state-name": "stopped" })).length, 1);
        assert.equal((await found({ ...inZoneA, "instance-state-name": "terminated" })).length, 1);
        assert.equal((await found({ "instance.group-name": "masters.proyecto.k8s.local" })).length, 1);
        assert.equal((await found({ "instance.group-name": "nodes.otro.k8s.local" })).length, 2);
    });

    it("give instances kops' tags", async () => {
        const byTag = (name: string, value: string) => found({ [`tag:${name}`]: value });
        const own = ({ cluster }: InstanceGroup) => cluster === "proyecto.k8s.local";

        assert.deepEqual(await byTag("KubernetesCluster", "proyecto.k8s.local"), started(own));
        assert.deepEqual(await byTag("kubernetes.io/cluster/proyecto.k8s.local", "owned"), started(own));
        assert.deepEqual(
            await byTag("k8s.io/role/node", "1"),
            started(({ role }) => role === "node"),
        );
        assert.deepEqual(
            await byTag("k8s.io/role/master", "1"),
            started(({ role }) => role === "master"),
        );
        assert.deepEqual(
            await byTag("Name", "nodes.proyecto.k8s.local"),
            started((g) => own(g) && g.role === "node"),
        );
    });

    it("answer DescribeAvailabilityZones with a zone type", async () => {
        const Filters = [{ Name: "zone-type", Values: ["availability-zone"] }];
        const command = new DescribeAvailabilityZonesCommand({ Filters });
        const { AvailabilityZones = [] } = await ec2Client(servers).send(command);
        const names = AvailabilityZones.map(({ ZoneName }) => ZoneName).sort();
        assert.deepEqual(names, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    });

    it("have the running instances as ready nodes, in the zones that EC2 says", async () => {
        const { items } = await kubernetes(servers).listNode();
        const nodes = items.map(({ metadata, spec, status }) => ({
            name: metadata?.name ?? "",
            zone: metadata?.labels?.["topology.kubernetes.io/zone"] ?? "",
            id: spec?.providerID ?? "",
            taints: (spec?.taints ?? []).map(({ key }) => key),
            ready: status?.conditions?.find(({ type }) => type === "Ready")?.status,
        }));
        assert.deepEqual(nodes.map(({ name }) => name).sort(), [...account.nodes].sort());
        assert.deepEqual(nodes.map(({ zone }) => zone).sort(), [
            "eu-west-1a",
            "eu-west-1b",
            "eu-west-1c",
            "eu-west-1c",
        ]);
        for (const { name, zone, id, taints, ready } of nodes) {
            const [instance] = await found({ "private-dns-name": name, "availability-zone": zone });
            assert.equal(id, `aws:///${zone}/${instance}`);
            assert.equal(ready, "True");
            const isMaster = zone === "eu-west-1a";
            assert.deepEqual(taints, isMaster ? ["node-role.kubernetes.io/control-plane"] : []);
        }
    });

    it("record the calls that EC2 receives", async () => {
        const recording = await recordCalls(servers.ec2Endpoint);
        await found({ "instance-state-name": "running" });
        const calls = await recording.stop();
        await found({});
        assert.deepEqual(calls, [
            {
                service: "ec2",
                region: "eu-west-1",
                action: "DescribeInstances",
                parameters: { "Filter.1.Name": "instance-state-name", "Filter.1.Value.1": "running" },
            },
        ]);
    });

    it("run side by side, and hold many nodes", async () => {
        const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
        const many = await fillAccount(others, accountOfNodes("grande.k8s.local", 500, zones));

        const group = { "instance.group-name": "nodes.grande.k8s.local" };
        assert.equal(many.nodes.length, 500);
        assert.equal((await found(group, others)).length, 500);
        assert.equal((await found({ ...group, "availability-zone": "eu-west-1c" }, others)).length, 166);
        assert.equal((await found(group)).length, 0);
        assert.equal((await kubernetes(servers).listNode()).items.length, account.nodes.length);
    });

    it("take more instances later", async () => {
        const more = await fillAccount(others, {
            cluster: "nuevo.k8s.local",
            instances: [{ cluster: "nuevo.k8s.local", role: "node", zone: "eu-west-1a" }],
        });
        assert.equal(new Set(more.nodes).size, 1);
        assert.equal((await kubernetes(others).listNode()).items.length, 501);
    });

    it("listen on 127.0.0.1 only", function () {
        if (process.platform !== "linux") {
            this.skip();
        }
        const ownDirectory = path.dirname(servers.kubeconfig);
        const listening = runningProcesses(ownDirectory).flatMap(({ pid }) => listeningAddresses(pid));
        assert.deepEqual([...new Set(listening)], ["127.0.0.1"]);
        assert.equal(listening.length, 4);
    });

    it("reject a directory in which servers run", async () => {
        const directory = path.dirname(servers.kubeconfig);
        await assert.rejects(start({ directory }), /^Error: a sandbox runs in .*etcd \(process \d+\)/);
    });

    it("leave no process when they are stopped", async () => {
        const directory = path.dirname(others.kubeconfig);
        assert.deepEqual(namesRunning(directory), programs);
        await others.stop();
        assert.deepEqual(namesRunning(directory), []);
    });

    it("leave no process when the start is cancelled", async () => {
        const directory = newDirectory();
        const givenUp = new AbortController();
        const starting = start({ directory, signal: givenUp.signal });
        await untilRunning(directory, (names) => names.includes("etcd"));
        givenUp.abort(new Error("given up"));
        await assert.rejects(starting, /given up/);
        assert.deepEqual(namesRunning(directory), []);
    });

    it("leave no process when one fails to start", async () => {
        const directory = newDirectory();
        const { PYTHON } = process.env;
        process.env["PYTHON"] = "no-such-python";
        try {
            await assert.rejects(start({ directory }), /install python 3\.10 or later with its venv module/);
        } finally {
            process.env["PYTHON"] = PYTHON;
            if (PYTHON === undefined) {
                delete process.env["PYTHON"];
            }
        }
        assert.deepEqual(namesRunning(directory), []);
    });

    it("end with a killed parent process", async () => {
        const { child, directory } = await startInChild("attached");
        assert.deepEqual(namesRunning(directory), programs);
        child.kill("SIGKILL");
        await untilRunning(directory, (names) => names.length === 0);
    });

    it("outlive their process when they are detached, until they are stopped", async () => {
        const { child, directory } = await startInChild("detached");
        child.kill("SIGKILL");
        await once(child, "exit");
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.deepEqual(namesRunning(directory), programs);
        await stopServers(directory);
        assert.deepEqual(namesRunning(directory), []);
    });

    /** Starts servers in a process of its own, which then does nothing. */
    const startInChild = async (mode: string) => {
        const directory = newDirectory();
        const script = `
            const { startServers } = require("./sandbox/servers");
            const options = { directory: process.argv[1], mode: process.argv[2], report: () => {} };
            startServers(options).then(() => console.log("started"));
            setInterval(() => {}, 1000);`;
        const args = ["-r", "ts-node/register/transpile-only", "-e", script, directory, mode];
        const cwd = path.join(__dirname, "../..");
        const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
        await once(child.stdout, "data");
        return { child, directory };
    };
});

function namesRunning(directory: string): string[] {
    return runningProcesses(directory)
        .map(({ name }) => name)
        .sort();
}

async function untilRunning(directory: string, expected: (names: string[]) => boolean): Promise<void> {
    const ask = () => Promise.resolve(expected(namesRunning(directory)) || undefined);
    await until(ask, "processes to start or end", 30);
}

/** The addresses on which a process of this Linux machine listens. */
function listeningAddresses(pid: number): string[] {
    const sockets = new Set(
        readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
            try {
                return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
            } catch {
                return undefined; // closed in between
            }
        }),
    );
    const tables = ["tcp", "tcp6"].flatMap((name) =>
        readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n"),
    );
    return tables
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(inode))
        .map(([, local = ""]) => (local.startsWith("0100007F:") ? "127.0.0.1" : local));
}
