import { MoveFrom } from "../../components/args/moveArgs";
import { kmsKey as kmsKeyArn } from "../../components/schema/awsValues";
import { printable } from "../../components/validation/problems";
import type { Access } from "../inspect/clients";
import type { Answer } from "../terminal/answer";
import { evacuation, movement, rebalancing, restoration } from "./goal";
import type { Encryption } from "./goal";
import { moveDisks } from "./run";
import type { MoveOptions } from "./run";

/** Moves all disks of a zone to other zones. */
export function evacuate(options: MoveOptions & Access & { readonly zone: string }): Promise<Answer> {
    return moveDisks(
        {
            words: ["evacuate", `--zone=${options.zone}`],
            nothingToDo: `no disk is in ${options.zone}`,
            goalOf: (world) => evacuation(world, options.zone, options),
        },
        options,
    );
}

/** Options of `move`. */
export interface MovementOptions extends MoveOptions, Access {
    readonly names: readonly string[];
    readonly encrypt?: true;
    readonly kmsKey?: string;
}

/** Moves named disks to other zones, to encrypted volumes or both. */
export function move(options: MovementOptions): Promise<Answer> {
    const { names, to } = options;
    const encryption = encryptionOf(options);
    if (!encryption && to === undefined) {
        throw new Error("move needs --to <zone>, --encrypt or --kms-key <arn>");
    }
    const words = [
        ...["move", ...names],
        ...(to ?? []).map((zone) => `--to=${zone}`),
        ...(options.encrypt ? ["--encrypt"] : []),
        ...(options.kmsKey === undefined ? [] : [`--kms-key=${options.kmsKey}`]),
    ];
    return moveDisks({ words, goalOf: (world) => movement(world, names, options, encryption) }, options);
}

function encryptionOf({ encrypt, kmsKey }: MovementOptions): Encryption | undefined {
    if (kmsKey === undefined) {
        return encrypt && { encrypted: true };
    }
    if (!kmsKeyArn.safeParse(kmsKey).success) {
        throw new Error(`--kms-key must be the ARN of a KMS key, got "${printable(kmsKey)}"`);
    }
    return { encrypted: true, kmsKeyId: kmsKey };
}

/** Moves as few disks as possible so that each storage is even. */
export function rebalance(
    options: MoveOptions & Access & { readonly storage?: readonly string[] },
): Promise<Answer> {
    return moveDisks(
        {
            words: ["rebalance", ...(options.storage ?? []).map((name) => `--storage=${name}`)],
            nothingToDo: "no move would make the storages more even",
            goalOf: (world) => rebalancing(world, options.storage, options),
        },
        { ...options, from: MoveFrom.NewSnapshot },
    );
}

/** Gives named disks the data of an earlier moment. */
export function restore(
    options: MoveOptions & Access & { readonly names: readonly string[]; readonly at: string },
): Promise<Answer> {
    return moveDisks(
        {
            words: ["restore", ...options.names, `--at=${options.at}`],
            goalOf: (world) => restoration(world, options.names, options.at),
        },
        options,
    );
}
