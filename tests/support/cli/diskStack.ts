import { CreateSnapshotCommand, DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { CommandOptions } from "../../../sandbox/engine/cli";
import type { Request } from "../../../sandbox/faults";
import { firstStart } from "../cluster/sandbox";
import { mustRun, runWith, startCli } from "./cli";
import type { CliSandbox, Outcome } from "./cli";

/** An update that asks nothing. */
export const up = ["up", "--yes", "--skip-preview"];

/** Volumes that a stack may delete. */
export const free = { protect: false, deletionPolicy: "Delete" };

type Settings = Readonly<Record<string, unknown>>;

/** A stack with storages, in whose tests settings, state and requests go wrong. */
export class DiskStack {
    private started: CliSandbox | undefined;

    /** The sandbox, once the tests have begun. */
    public get sandbox(): CliSandbox {
        assert.ok(this.started, "a hook starts it");
        return this.started;
    }

    public get ec2(): EC2Client {
        return ec2Client(this.sandbox.servers);
    }

    public get core(): CoreV1Api {
        return kubeConfig(this.sandbox.servers).makeApiClient(CoreV1Api);
    }

    /** Has the tests of the suite that calls it begin with an empty stack, account and cluster. */
    public useInSuite(): void {
        const begin = (sandbox: CliSandbox) => {
            this.started = sandbox;
        };
        before(async function () {
            this.timeout(firstStart);
            begin(await startCli(this, { sharesProcess: true }));
        });
        after(() => this.started?.end());
        afterEach(async () => {
            const { faulty, cli } = this.sandbox;
            [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal());
            await cli.run(["state", "unprotect", "--all", "--yes"]);
            const { code, stderr } = await cli.run(["destroy", "--yes", "--skip-preview", "--refresh"]);
            assert.equal(code, 0, stderr);
        });
    }

    public run(settings: Settings, command = up, options?: CommandOptions): Promise<Outcome> {
        return runWith(this.sandbox.cli, settings, command, options);
    }

    /** Runs a command that has to succeed, and returns its steps. */
    public must(settings: Settings, command = up): Promise<readonly string[]> {
        return mustRun(this.sandbox.cli, settings, command);
    }

    /**
     * Kills an update, which doesn't hear of what it has made, since EC2 leaves some requests unanswered.
     *
     * @param made - Ids of what there is.
     * @param count - How much it makes.
     * @returns the ids of it.
     */
    public async killedOnceMade(
        settings: Settings,
        unanswered: (request: Request) => boolean,
        made: () => Promise<readonly string[]>,
        count: number,
    ): Promise<string[]> {
        const before = await made();
        const { faulty } = this.sandbox;
        faulty.ec2.fail("hang", { matching: unanswered });
        const kill = new AbortController();
        let outcome: Outcome | undefined;
        const update = this.run(settings, up, { kill: kill.signal, killsGroup: true }).then(
            (one) => (outcome = one),
        );
        while ((await made()).length < before.length + count) {
            assert.equal(outcome, undefined, "it is to be killed");
            await sleep(200);
        }
        kill.abort();
        assert.notEqual((await update).code, 0);
        faulty.ec2.heal();
        return (await made()).filter((id) => !before.includes(id)).sort();
    }

    /** Both the preview and an update without one say no, and nothing has changed. */
    public async refused(settings: Settings, message: RegExp, flags: string[] = []): Promise<void> {
        const before = await this.everything();
        for (const command of [["preview"], up]) {
            const { code, text, steps } = await this.run(settings, [...command, ...flags]);
            assert.notEqual(code, 0, `${command[0]} isn't refused: ${String(steps)}`);
            assert.match(text.replace(/\s+/g, " "), message);
            assert.deepEqual(await this.everything(), before);
        }
    }

    /** The volumes and snapshots of the account, and the volume of each PersistentVolume. */
    public async everything(): Promise<unknown[]> {
        const { Snapshots = [] } = await this.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
        const snapshots = Snapshots.map(({ SnapshotId }) => SnapshotId).sort();
        return [await this.volumes(), snapshots, await this.handles()];
    }

    /** Ids and sizes of the account's volumes. */
    public async volumes(): Promise<string[]> {
        const { Volumes = [] } = await this.ec2.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ VolumeId, Size }) => `${VolumeId} ${Size}`).sort();
    }

    /** The snapshot that a volume was made from. */
    public async sourceOf(id: string): Promise<string | undefined> {
        const { Volumes = [] } = await this.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
        return Volumes[0]?.SnapshotId;
    }

    /** Ids of the volumes that PersistentVolumes are on, by name. */
    public async handles(): Promise<Record<string, string>> {
        const { items } = await this.core.listPersistentVolume();
        return Object.fromEntries(
            items.map(({ metadata, spec }) => [String(metadata?.name), String(spec?.csi?.volumeHandle)]),
        );
    }

    /** Takes a snapshot that is the newest one of the volume. */
    public async snapshotOf(VolumeId: string): Promise<string> {
        // The sandbox dates snapshots to the second.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const { SnapshotId } = await this.ec2.send(new CreateSnapshotCommand({ VolumeId }));
        await new Promise((resolve) => setTimeout(resolve, 1100));
        return String(SnapshotId);
    }
}

/** Matches the calls of an action of EC2. */
export function callsOf(action: string): (request: Request) => boolean {
    return ({ body }) => new RegExp(`Action=${action}\\b`).test(body);
}

/** Matches the deletions of PersistentVolumes. */
export function deletesPersistentVolume({ method, path }: Request): boolean {
    return method === "DELETE" && path.includes("persistentvolumes");
}
