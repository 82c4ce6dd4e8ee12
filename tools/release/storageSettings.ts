import type { StackFile } from "../adopt/stackFile";
import { stdoutOrThrow } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { refuse } from "../terminal/confirm";

type Settings = Readonly<Record<string, unknown>>;

/** Args that belong to one cluster, and that a stack of the program has once for all storages. */
const ofCluster = ["clusterName", "region", "nodes", "zones", "zoneByOrdinal"];

/** Marks a secret in a state (pulumi 3.260, sdk/go/common/resource/sig). */
const secretMark = "4dabf18193072939515e22adb298388d";

/**
 * The settings of a storage, as Pulumi reads them from the stack's file. For a program in code, its args in the state.
 *
 * @throws Error if some are secret: they are encrypted for this stack.
 */
export async function storageSettings(
    name: string,
    inputs: Settings,
    stackFile: StackFile | undefined,
    pulumi: Pulumi,
): Promise<Settings> {
    if (!stackFile) {
        refuse(JSON.stringify(inputs).includes(secretMark) ? secretProblem(name) : undefined);
        return Object.fromEntries(Object.entries(inputs).filter(([key]) => !ofCluster.includes(key)));
    }
    const key = `${stackFile.project}:storages[${JSON.stringify(name)}]`;
    const { objectValue, secret } = JSON.parse(
        stdoutOrThrow(await pulumi.ask(["config", "get", "--path", key, "--json"])),
    ) as { readonly objectValue?: Settings; readonly secret: boolean };
    refuse(secret ? secretProblem(name) : undefined);
    return objectValue ?? {};
}

function secretProblem(name: string): string {
    return `storage ${name} has secret settings, and the file would have them in plain text: set them without --secret first, or leave them out`;
}
