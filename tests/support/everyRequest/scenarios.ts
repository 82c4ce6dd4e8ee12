import { CreateSnapshotCommand, CreateVolumeCommand } from "@aws-sdk/client-ec2";
import type { CoreV1Api } from "@kubernetes/client-node";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { CliSandbox } from "../cli/cli";
import type { Contents } from "../cluster/contents";

/** Settings of the program, but for the cluster. */
export type Settings = { readonly storages: Readonly<Record<string, object>> };

/** The cloud, the cluster and the data that people see and change while a scenario runs. */
interface World {
    readonly sandbox: CliSandbox;
    readonly core: CoreV1Api;
    /** The data on the disks. */
    readonly contents: Contents;
}

/** A change of a stack. */
export interface Scenario {
    readonly name: string;
    /** Settings that the stack has been brought up with; undefined for a new one. */
    readonly before?: Settings;
    readonly up: string[];
    readonly command: string[];
    /** Settings of the command that a request fails in, where they aren't those that it ends with. */
    readonly first?: Settings;
    readonly after: Settings;
    /** Whether a volume, by its name in the program, stays in the stack. */
    readonly keeps: (name: string) => boolean;
    /** Whether the settings ask for a snapshot of the past. */
    readonly mayGetOlder?: boolean;
    /** Steps of people before the command. Returns the command's settings if they depend on these steps. */
    readonly prepare?: (world: World) => Promise<Settings | undefined>;
    /** Steps of people at the end. */
    readonly afterwards?: (world: World) => Promise<void>;
}

const namespace = "default";
const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];
const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";
const free = { protect: false, deletionPolicy: "Delete" };
const reserved = { claims: { names: ["a", "b"] } };
const owned = { claims: { ...reserved.claims, create: true } };
const ofSet = { claims: { statefulSet: "web", template: "www" } };
const everything = () => true;

const data = (different: object = {}): Settings => ({
    storages: { data: { count: 2, volume: { sizeGiB: 10 }, ...different } },
});
const moved = (move: object) => ({ overrides: { "0": { moves: [move] } } });
const renamed = (name: string, aliases: string[]): Settings => ({
    storages: {
        [name]: {
            aliases,
            count: 2,
            volume: { sizeGiB: 10 },
            backup: { roleArn },
            persistentVolume: { namePrefix: "data" },
            storageClass: { name: "data" },
            ...free,
        },
    },
});

/** Scenarios of a storage's life, each small. */
export const scenarios: readonly Scenario[] = [
    change("creates three disks", undefined, data({ count: 3 })),
    change("creates disks with claims", undefined, data(owned)),
    change("gets two disks more", data(), data({ count: 4 })),
    ...["Retain", "Delete", "Snapshot"].map((deletionPolicy) => ({
        ...change(
            `has a disk less, ${deletionPolicy}`,
            data({ protect: false, deletionPolicy }),
            data({ protect: false, deletionPolicy, count: 1 }),
        ),
        keeps: (name: string) => name === "data-0",
    })),
    change("grows", data(owned), data({ ...owned, volume: { sizeGiB: 20 } })),
    change(
        "gets another type",
        data({ volume: { sizeGiB: 10, type: "gp2" } }),
        data({ volume: { sizeGiB: 10, type: "gp3", iops: 4000 } }),
    ),
    change(
        "gets other tags and labels",
        data(),
        data({
            volume: { sizeGiB: 10, tags: { team: "blue" } },
            persistentVolume: { labels: { team: "blue" } },
        }),
    ),
    change("is renamed", renamed("data", []), renamed("registry", ["data"])),
    {
        ...change("is renamed twice", renamed("data", []), renamed("registry", ["cache", "data"])),
        first: renamed("cache", ["data"]),
    },
    {
        ...change(
            "moves a disk from its newest snapshot, with claims of the stack",
            data(owned),
            data({ ...owned, ...moved({ zone: "eu-west-1c" }) }),
        ),
        mayGetOlder: true,
        prepare: takeSnapshots,
    },
    {
        ...change(
            "moves a disk from its newest snapshot, with claims of a StatefulSet",
            data(ofSet),
            data({ ...ofSet, ...moved({ zone: "eu-west-1c" }) }),
        ),
        mayGetOlder: true,
        prepare: async (world) => {
            await createClaims(world);
            await takeSnapshots(world);
            await world.core.deleteNamespacedPersistentVolumeClaim({ name: "www-web-0", namespace });
            return undefined;
        },
        afterwards: (world) => createClaims(world, ["www-web-0"]),
    },
    change(
        "moves a disk by a new snapshot",
        data(owned),
        data({ ...owned, ...moved({ zone: "eu-west-1c", from: "NewSnapshot" }) }),
    ),
    {
        ...change(
            "lets go of the volume that a disk was moved from",
            data({ ...free, ...owned, ...moved({ zone: "eu-west-1c", from: "NewSnapshot" }) }),
            data({
                ...free,
                ...owned,
                ...moved({ zone: "eu-west-1c", from: "NewSnapshot", previous: "Release" }),
            }),
        ),
        keeps: (name) => name !== "data-0",
    },
    change("no longer creates its claims", data(owned), data(reserved)),
    change("creates claims for disks that it has", data(reserved), data(owned)),
    { ...change("gets its claims back", data(owned), data(owned)), first: data(reserved) },
    { ...change("takes over volumes", undefined, data()), prepare: createVolumes },
    change("is backed up", data(), data({ backup: { roleArn } })),
    change("is no longer backed up", data({ backup: { roleArn } }), data()),
    ...["Retain", "Delete", "Snapshot"].map((deletionPolicy) => ({
        ...change(
            `is destroyed, ${deletionPolicy}`,
            data({ ...owned, protect: false, deletionPolicy }),
            data({ ...owned, protect: false, deletionPolicy }),
        ),
        command: destroy,
        keeps: () => false,
    })),
];

function change(name: string, before: Settings | undefined, after: Settings): Scenario {
    return { name, before, after, up, command: up, keeps: everything };
}

async function createVolumes(world: World): Promise<Settings> {
    const ec2 = ec2Client(world.sandbox.servers);
    const overrides: Record<string, object> = {};
    for (const ordinal of [0, 1]) {
        const made = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 10 }));
        const volumeId = String(made.VolumeId);
        world.contents.put(volumeId, `data-${ordinal}`);
        overrides[ordinal] = { volumeId };
    }
    return data({ overrides });
}

async function takeSnapshots(world: World): Promise<undefined> {
    const ec2 = ec2Client(world.sandbox.servers);
    for (const VolumeId of (await world.contents.disks()).values()) {
        await ec2.send(new CreateSnapshotCommand({ VolumeId }));
    }
    await world.contents.follow();
    await world.contents.write();
}

async function createClaims(world: World, names = ["www-web-0", "www-web-1"]): Promise<void> {
    for (const name of names) {
        const body = {
            metadata: { name },
            spec: {
                storageClassName: "data",
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "10Gi" } },
            },
        };
        await world.core.createNamespacedPersistentVolumeClaim({ namespace, body });
    }
}
