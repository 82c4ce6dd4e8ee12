import { MoveFrom } from "../../components/args/moveArgs";
import type { Access } from "../inspect/clients";
import type { Answer } from "../terminal/answer";
import { evacuation, movement, rebalancing, restoration } from "./goal";
import { moveDisks } from "./run";
import type { MoveOptions } from "./run";

/** Moves all disks of a zone to other zones. */
export function evacuate(options: MoveOptions & Access & { readonly zone: string }): Promise<Answer> {
    return moveDisks(
        {
            words: ["evacuate", `--zone=${options.zone}`],
            goalOf: (world) => evacuation(world, options.zone, options),
        },
        options,
    );
}

/** Moves named disks to other zones. */
export function move(options: MoveOptions & Access & { readonly names: readonly string[] }): Promise<Answer> {
    return moveDisks(
        {
            words: ["move", ...options.names, ...(options.to ?? []).map((zone) => `--to=${zone}`)],
            goalOf: (world) => movement(world, options.names, options),
        },
        options,
    );
}

/** Moves as few disks as possible so that each storage is even. */
export function rebalance(
    options: MoveOptions & Access & { readonly storage?: readonly string[] },
): Promise<Answer> {
    return moveDisks(
        {
            words: ["rebalance", ...(options.storage ?? []).map((name) => `--storage=${name}`)],
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
