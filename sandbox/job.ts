import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { VolumeRecord } from "../components";
import { buildMap } from "../tools/map/build";
import { readMapData } from "../tools/map/mapData";
import { writeMap } from "../tools/map/write";
import { clientsOf } from "./clients";
import { findEngine } from "./engine";
import { readStack } from "./engine/program";
import { diskProblems, SandboxReader, zoneOf } from "./readBack";
import type { DiskDetails } from "./readBack";
import type { Servers } from "./servers";
import { table } from "../tools/terminal/table";

type Storages = Readonly<Record<string, { zones: string[]; volumes: VolumeRecord[] }>>;

/** Durations of phases, in order. */
export class Phases {
    private readonly seconds: { phase: string; seconds: string }[] = [];

    /** Runs a phase and records its duration. */
    public async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
        const start = performance.now();
        try {
            return await work();
        } finally {
            this.seconds.push({ phase, seconds: ((performance.now() - start) / 1000).toFixed(1) });
        }
    }

    /** The durations as numbers. */
    public asNumbers(): { phase: string; seconds: number }[] {
        return this.seconds.map(({ phase, seconds }) => ({ phase, seconds: Number(seconds) }));
    }

    public toString(): string {
        return table(this.seconds);
    }
}

/** Result of the job. */
export interface JobResult {
    /** Problems; empty if every disk is correct. */
    readonly problems: readonly string[];
    readonly disks: readonly DiskDetails[];
}

/**
 * The main job, end to end: deploys the dev stack to the sandbox's servers, reads the result from EC2 and Kubernetes,
 * and draws a map.
 *
 * @param maps - Files for the map.
 */
export async function runJob(
    servers: Servers,
    directory: string,
    report: (text: string) => void,
    phases: Phases,
    maps: readonly string[],
): Promise<JobResult> {
    const readBack = new SandboxReader(servers);
    const stack = await readStack(join(__dirname, ".."), "dev");
    report(`instances in the account:\n${table((await readBack.instances()).map(instanceRow))}\n`);

    const engine = await findEngine(stack, servers, directory);
    try {
        report(`bringing up stack dev with the ${engine.description} ...`);
        const { errors, outputs, exportState } = await phases.time("pulumi up", () => engine.up(report));
        if (errors.length > 0) {
            return { problems: errors, disks: [] };
        }
        const storages = Object.entries(outputs.storages as Storages);
        const disks = await phases.time("read back", () =>
            readBack.disks(storages.flatMap(([, { volumes }]) => volumes)),
        );
        storages.forEach(([name, { zones }]) =>
            report(`\nzones of the nodes, for storage ${name}: ${zones.join(", ")}`),
        );
        report(`\nvolumes, as EC2 reports them:\n${table(disks.map(volumeRow))}`);
        report(
            `\nPersistentVolumes, as Kubernetes reports them:\n${table(disks.map(persistentVolumeRow))}\n`,
        );
        await phases.time("draw map", async () => draw(servers, directory, await exportState(), maps));
        return { problems: disks.flatMap(diskProblems), disks };
    } finally {
        await engine.stop();
    }
}

async function draw(
    servers: Servers,
    directory: string,
    exported: string,
    maps: readonly string[],
): Promise<void> {
    const state = join(directory, "state.json");
    await writeFile(state, exported, { mode: 0o600 });
    await writeMap(buildMap(await readMapData(clientsOf(servers), { state })), maps);
}

function instanceRow(instance: Awaited<ReturnType<SandboxReader["instances"]>>[number]) {
    return {
        instance: instance.InstanceId ?? "",
        "security group": (instance.SecurityGroups ?? []).map(({ GroupName }) => GroupName).join(","),
        state: instance.State?.Name ?? "",
        zone: instance.Placement?.AvailabilityZone ?? "",
    };
}

function volumeRow({ record, ec2 }: DiskDetails) {
    return {
        ordinal: record.ordinal,
        volume: record.volumeId,
        zone: ec2.zone,
        size: `${ec2.sizeGiB} GiB`,
        type: ec2.type,
    };
}

function persistentVolumeRow({ persistentVolume }: DiskDetails) {
    const { metadata, spec, status } = persistentVolume;
    return {
        name: metadata?.name ?? "",
        capacity: spec?.capacity?.storage ?? "",
        "access modes": (spec?.accessModes ?? []).join(","),
        "reclaim policy": spec?.persistentVolumeReclaimPolicy ?? "",
        status: status?.phase ?? "",
        storageclass: spec?.storageClassName ?? "",
        zone: zoneOf(persistentVolume),
    };
}
