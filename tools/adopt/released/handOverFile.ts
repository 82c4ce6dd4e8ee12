import type { V1PersistentVolume } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf } from "../../inspect/errors";

const persistentVolumeSchema = z.object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
        csi: z.object({ driver: z.string(), fsType: z.string().optional(), volumeHandle: z.string() }),
        volumeMode: z.string().optional(),
        accessModes: z.array(z.string()).optional(),
        mountOptions: z.array(z.string()).optional(),
        storageClassName: z.string().optional(),
        claimRef: z.object({ namespace: z.string().optional(), name: z.string() }).optional(),
    }),
});

const handOverSchema = z.object({
    version: z.literal(1),
    cluster: z.string().min(1),
    account: z.string().optional(),
    region: z.string().min(1),
    stack: z.string(),
    storages: z
        .array(
            z.object({
                name: z.string().min(1),
                settings: z.record(z.string(), z.unknown()),
                disks: z
                    .array(z.object({ ordinal: z.int(), persistentVolume: persistentVolumeSchema }))
                    .min(1),
            }),
        )
        .min(1),
});

/** Storages that `release --hand-over` has taken out of a stack, for the stack of another cluster. */
export type HandOver = z.output<typeof handOverSchema>;

/** A storage with its settings as they were in the stack. */
export type HandedStorage = HandOver["storages"][number];

/**
 * The parts of a PersistentVolume by which another cluster can make the same one.
 *
 * @throws Error if it isn't a CSI volume.
 */
export function handedPersistentVolume({
    metadata,
    spec,
}: V1PersistentVolume): HandedStorage["disks"][number]["persistentVolume"] {
    const { csi, claimRef, volumeMode, accessModes, mountOptions, storageClassName } = spec ?? {};
    // Uids and node affinity belong to the objects of one cluster.
    return persistentVolumeSchema.parse({
        metadata: { name: metadata?.name },
        spec: {
            csi: { driver: csi?.driver, fsType: csi?.fsType, volumeHandle: csi?.volumeHandle },
            volumeMode,
            accessModes,
            mountOptions,
            storageClassName,
            claimRef: claimRef && { namespace: claimRef.namespace, name: claimRef.name },
        },
    });
}

/**
 * Reads a file that `release --hand-over` has written.
 *
 * @throws Error if it is missing or something else.
 */
export async function readHandOver(path: string): Promise<HandOver> {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
        throw new Error(`could not read ${path}: ${messageOf(error)}`);
    });
    const { data, error } = handOverSchema.safeParse(jsonIn(text));
    if (error) {
        const [issue] = error.issues;
        throw new Error(
            `${path} must be a file that release --hand-over has written: ${issue?.path.join(".") || "its content"}: ${issue?.message}`,
        );
    }
    return data;
}

function jsonIn(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
