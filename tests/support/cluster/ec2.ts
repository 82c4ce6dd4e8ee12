import {
    AttachVolumeCommand,
    CreateSnapshotCommand,
    CreateVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
    DescribeVolumesModificationsCommand,
    ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import type {
    CreateVolumeCommandInput,
    EC2Client,
    ModifyVolumeCommandInput,
    Volume,
} from "@aws-sdk/client-ec2";
import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { advanceClock, changeAccount, resetAccount } from "../../../sandbox/ec2/account";
import type { AccountSettings } from "../../../sandbox/ec2/account";
import { ec2Client, startInstances } from "../../../sandbox/ec2/instances";
import { startOnlyEc2 } from "../../../sandbox/servers";

type Ec2Server = Awaited<ReturnType<typeof startOnlyEc2>>;

/** Default zone of volumes and instances. */
export const zone = "eu-west-1a";

/** Inputs of CreateVolume. Zone and size have defaults. */
export type VolumeInput = Partial<CreateVolumeCommandInput>;

/**
 * EC2 without a cluster for the calling describe block. Each case starts with a new account's settings, but volumes of
 * earlier cases stay.
 */
export function useEc2() {
    const directory = mkdtempSync(path.join(tmpdir(), "sandbox-ec2-"));
    let servers: Ec2Server;
    let client: EC2Client;

    before(async function () {
        this.timeout(300_000);
        servers = await startOnlyEc2({ directory, mode: "attached", report: () => undefined });
        client = ec2Client(servers, { maxAttempts: 1 });
    });

    beforeEach(() => resetAccount(servers));

    after(async () => {
        client.destroy();
        await servers.stop();
        rmSync(directory, { recursive: true, force: true });
    });

    const create = async (settings: VolumeInput = {}, on = client, inZone = zone): Promise<string> => {
        const size = settings.SnapshotId === undefined && { Size: 10 };
        const command = new CreateVolumeCommand({ AvailabilityZone: inZone, ...size, ...settings });
        return (await on.send(command)).VolumeId!;
    };
    const volume = async (id: string): Promise<Volume> =>
        (await client.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!;

    return {
        servers: () => servers,
        client: () => client,
        change: (settings: Partial<AccountSettings>) => changeAccount(servers, settings),
        advance: (seconds: number) => advanceClock(servers, seconds),
        /** Returns the id of a new volume, of 10 GiB by default. */
        create: (settings?: VolumeInput) => create(settings),
        volume,
        created: async (settings?: VolumeInput) => volume(await create(settings)),
        modify: (VolumeId: string, settings: Partial<ModifyVolumeCommandInput>) =>
            client.send(new ModifyVolumeCommand({ VolumeId, ...settings })),
        modification: async (id: string) => {
            const command = new DescribeVolumesModificationsCommand({ VolumeIds: [id] });
            return (await client.send(command)).VolumesModifications![0]!;
        },
        createSnapshot: async (VolumeId: string) =>
            (await client.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId!,
        snapshot: async (id: string) =>
            (await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots![0]!,
        instance: async (inZone = zone) => {
            const group = { cluster: "a.k8s.local", role: "node", zone: inZone } as const;
            const [started] = await startInstances(servers, [group]);
            return started!.id;
        },
        attach: (VolumeId: string, InstanceId: string) =>
            client.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: "/dev/sdf" })),
        /** Runs a case in a region of its own, for rules on all volumes of a region. */
        inRegion: async (
            region: string,
            settings: Partial<AccountSettings>,
            run: (createThere: (settings: VolumeInput) => Promise<string>) => Promise<void>,
        ) => {
            await changeAccount({ ...servers, region }, settings);
            const there = ec2Client({ ...servers, region }, { maxAttempts: 1 });
            await run((input) => create(input, there, `${region}a`)).finally(() => there.destroy());
        },
    };
}

/** Asserts that EC2 rejects a call with this code. */
export async function assertRefused(call: Promise<unknown>, code: string, message: RegExp): Promise<void> {
    await assert.rejects(call, (error: Error) => {
        assert.equal(error.name, code, error.message);
        assert.match(error.message, message);
        return true;
    });
}
