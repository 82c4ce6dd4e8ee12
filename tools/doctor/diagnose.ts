import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import { readInventory, withAttachSlots, withBackups, withRecycleBin } from "../inspect/inventory";
import { exceptionsOf, limitsOf, notLookedAt } from "../inspect/sources";
import type { Target } from "../inspect/target";
import type { Answer } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { counted } from "../terminal/counted";
import { findings } from "./findings";
import { keptVolumeNotes } from "./keptVolumes";
import { recycleBinNotes } from "./recycleBin";
import { unusedVolumeNotes } from "./unusedVolumes";

/** Problems of the cluster's disks, and the commands that solve them. It changes nothing. */
export async function diagnose(options: Target & Access): Promise<Answer> {
    const unseen: string[] = [];
    progress("reading the cluster, the stack's state and EC2 ...");
    const [clients, note] = [environmentClients(options), (line: string) => void unseen.push(line)];
    const read = await withAttachSlots(clients, await readInventory(clients, options, note), note);
    const inventory = await withBackups(clients, await withRecycleBin(clients, read, note), note);
    const found = findings(inventory);
    const notes = [
        ...keptVolumeNotes(inventory),
        ...recycleBinNotes(inventory),
        ...unusedVolumeNotes(inventory, new Date()),
    ];
    const { state, cluster, attachSlots, ec2, clusterNames, elsewhere, backups, recycleBin } = inventory;
    const missing = [
        ...notLookedAt(
            {
                state: state !== undefined,
                nodes: cluster.nodes !== undefined,
                attachSlots: attachSlots !== undefined,
                ec2: ec2 !== undefined,
                leftovers: ec2 === undefined || clusterNames.length > 0,
                recycleBin: ec2 === undefined || recycleBin !== undefined,
            },
            elsewhere,
        ),
        ...(backups?.notLookedAt ?? []),
    ];
    return {
        status: found.length > 0 ? 1 : missing.length > 0 ? 2 : 0,
        json: { findings: found, notes, unseen, notLookedAt: missing },
        unseen,
        lines: [...found, ...notes].flatMap(({ what, mend }) => [
            { heading: what },
            ...mend.map((line) => `    ${line}`),
        ]),
        verdict:
            found.length > 0
                ? `${counted(found.length, "problem")}${exceptionsOf(missing)}`
                : `no problems found${limitsOf(missing)}`,
    };
}
