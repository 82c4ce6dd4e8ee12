import { output } from "@pulumi/pulumi";
import { readStackState } from "../components/engine/stackState";
import { beginTogether } from "../components/validation/together";
import { removedProblems } from "./removedStorages";
import { userError } from "../components/validation/problems";
import type { StorageConfig } from "./config";

/** Has nothing changed while anything is wrong with one of the storages, or with those that the config has no more. */
export function checkTogether(storages: readonly StorageConfig[]): void {
    const names = storages.flatMap(({ name, aliases }) => [name, ...aliases]);
    const check = async () => {
        const problems = removedProblems((await readStackState()) ?? {}, names);
        const { message } = userError("the stack has storages that can't be removed", problems);
        return { texts: problems.length > 0 ? [message] : [] };
    };
    beginTogether(output(check()));
}
