import { CreateSnapshotCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { VolumeRecord } from "../components";
import { backupTag } from "../components/plan/tags";
import { newProgram } from "../tools/commands/command";
import { verdict } from "../tools/terminal/colours";
import { counted } from "../tools/terminal/counted";
import { fillAccount, jenkinsOnKops } from "./accounts";
import { ec2Client } from "./ec2/instances";
import { standIn, standInProviders } from "./engine";
import { PulumiCli } from "./engine/cli";
import type { ProgramRun } from "./engine/program";
import { readStack } from "./engine/program";
import { inFolder } from "./interruption";
import { runScript } from "./script";
import { failZone } from "./outage";
import { SandboxReader } from "./readBack";
import { startServers } from "./servers";
import type { Servers } from "./servers";
import { StatefulSet } from "./statefulSet";
import { table } from "../tools/terminal/table";

const project = join(__dirname, "..");
const example = join(project, "examples", "statefulset");
const failed = "eu-west-1b";
const healthy = "eu-west-1c";
const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";

/** Events with their times, in seconds since the start. */
class Timeline {
    private readonly start = performance.now();
    private last = this.start;
    private readonly rows: { at: string; took: string; what: string }[] = [];

    public note(what: string): void {
        const now = performance.now();
        const seconds = (from: number) => ((now - from) / 1000).toFixed(1);
        this.rows.push({ at: seconds(this.start), took: seconds(this.last), what });
        this.last = now;
        console.log(`${seconds(this.start).padStart(6)} s  ${what}`);
    }

    public toString(): string {
        return table(this.rows);
    }
}

/** `npm run drill`: a zone fails, and `evacuate` moves its disks, as docs/runbooks.md says. */
async function drill(servers: Servers, directory: string, hasCli: boolean): Promise<void> {
    const timeline = new Timeline();
    const { config: settings } = await readStack(example, "dev");
    const [storagesKey, clusterKey] = ["storages", "cluster"].map(
        (key) => `zonal-persistent-storage:${key}`,
    ) as [string, string];
    const { web } = settings[storagesKey] as { web: object };
    const { name: cluster } = settings[clusterKey] as { name: string };
    const stack = {
        directory: project,
        main: join(project, "index.ts"),
        project: "zonal-persistent-storage",
        stack: "drill",
        config: { ...settings, [storagesKey]: { web: { ...web, backup: { roleArn } } } },
    };
    await fillAccount(servers, jenkinsOnKops);
    const { environment, signal } = servers;
    const cli = hasCli
        ? await PulumiCli.start(stack, standInProviders(servers), directory, environment, {
              interrupted: signal,
          })
        : undefined;
    const volumes = async (): Promise<VolumeRecord[]> => {
        const { errors, outputs }: ProgramRun = await (cli ?? standIn(stack, servers)).up(() => undefined);
        assert.deepEqual(errors, []);
        return (outputs as { storages: { web: { volumes: VolumeRecord[] } } }).storages.web.volumes;
    };
    try {
        const before = await volumes();
        timeline.note(`pulumi up: ${before.length} disks in ${zonesOf(before)}, backed up every day`);
        const set = new StatefulSet(servers, "web");
        await set.apply(join(example, "web.yaml"));
        await set.running(5);
        timeline.note("all 5 pods of the StatefulSet web run");
        const snapshots = await takeSnapshots(servers, `${cluster}/web`);
        timeline.note(`${counted(snapshots.size, "snapshot")} taken in place of Data Lifecycle Manager`);
        await failZone(servers, failed);
        const reason = await set.pending();
        timeline.note(`zone ${failed} fails; Pending ${reason}`);
        if (!cli) {
            console.log("\nmoving disks needs the Pulumi CLI, which was not found: the drill ends here");
            return;
        }

        const command = ["evacuate", `--zone=${failed}`, "--yes"];
        console.log(`\nnpx zonal-persistent-storage ${command.join(" ")}`);
        await runCommand(command, cli, servers);
        timeline.note(`the disks of ${failed} are moved, and all pods run`);
        const after = await volumes();
        const pods = await set.running(5);
        await check(servers, { before, after, snapshots, pods });
        timeline.note(
            "checked: every pod in its volume's zone, every new volume from its snapshot, every old one kept",
        );
        console.log(`\n${timeline.toString()}\n\n${verdict(true, "the drill ended well")}`);
    } finally {
        await cli?.stop();
    }
}

/** Runs a command of the command-line program in the folder of the stack. */
async function runCommand(command: readonly string[], cli: PulumiCli, servers: Servers): Promise<void> {
    const args = [require.resolve("ts-node/dist/bin"), join(project, "tools", "main.ts"), ...command];
    const child = spawn(process.execPath, args, {
        cwd: cli.project,
        env: { ...process.env, ...servers.environment, ...cli.stackEnvironment },
        stdio: ["ignore", "inherit", "inherit"],
        signal: servers.signal,
    });
    const [status] = (await once(child, "exit")) as [number | null];
    assert.equal(status, 0, `${command.join(" ")} ended with status ${status}`);
}

/** Takes a snapshot of each volume with the policy's tag, in place of Data Lifecycle Manager. */
async function takeSnapshots(servers: Servers, tag: string): Promise<ReadonlyMap<string, string>> {
    const ec2 = ec2Client(servers);
    const { Volumes = [] } = await ec2.send(
        new DescribeVolumesCommand({ Filters: [{ Name: `tag:${backupTag}`, Values: [tag] }] }),
    );
    const taken = Volumes.map(async ({ VolumeId, Tags }): Promise<[string, string]> => {
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags }];
        const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications }));
        return [String(VolumeId), String(SnapshotId)];
    });
    return new Map(await Promise.all(taken));
}

interface Outcome {
    readonly before: readonly VolumeRecord[];
    readonly after: readonly VolumeRecord[];
    readonly snapshots: ReadonlyMap<string, string>;
    readonly pods: Readonly<Record<string, string>>;
}

/** Checks the result in EC2 and Kubernetes. */
async function check(servers: Servers, { before, after, snapshots, pods }: Outcome): Promise<void> {
    const { Volumes = [] } = await ec2Client(servers).send(new DescribeVolumesCommand({}));
    const inEc2 = new Map(Volumes.map((volume) => [volume.VolumeId, volume]));
    const disks = await new SandboxReader(servers).disks(after);
    for (const { record, ec2, persistentVolume } of disks) {
        const { ordinal, volumeId } = record;
        const old = before.find((one) => one.ordinal === ordinal);
        assert.ok(old);
        assert.equal(persistentVolume.spec?.csi?.volumeHandle, volumeId, `PersistentVolume ${ordinal}`);
        assert.equal(persistentVolume.spec.claimRef?.name, `www-web-${ordinal}`);
        assert.equal(pods[`web-${ordinal}`], ec2.zone, `pod web-${ordinal} is where its disk is`);
        assert.equal(ec2.zone, healthy);
        if (old.zone === failed) {
            assert.equal(
                inEc2.get(volumeId)?.SnapshotId,
                snapshots.get(old.volumeId),
                `lineage of ${volumeId}`,
            );
            assert.ok(inEc2.has(old.volumeId), `${old.volumeId} is kept`);
        } else {
            assert.equal(volumeId, old.volumeId, "disks in other zones are not moved");
        }
    }
}

function zonesOf(volumes: readonly VolumeRecord[]): string {
    return volumes.map(({ zone }) => zone.slice(-2)).join(" ");
}

async function main(): Promise<void> {
    await inFolder("drill", async (directory, signal) => {
        const hasCli = (await PulumiCli.version()) !== undefined;
        if (!hasCli) {
            console.log("the Pulumi CLI was not found: the drill will end before the disks are moved");
        }
        const servers = await startServers({ directory, mode: "attached", report: console.log, signal });
        await drill(servers, directory, hasCli);
    });
}

void runScript(
    newProgram(
        "npm run drill --",
        "A zone fails in the sandbox, and `evacuate` moves its disks until every pod runs again. The " +
            "moves need the Pulumi CLI, on the PATH or in ~/.pulumi/bin. Without it the drill ends when the zone has failed.",
    ).action(main),
    process.argv.slice(2),
);
