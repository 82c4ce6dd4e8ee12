import { Option } from "commander";
import type { Command } from "commander";
import type { Access } from "../inspect/clients";
import type * as Release from "../release/release";
import { addCommand, contextOption, stackOption, valueOption } from "./command";
import type { CommonOptions, Run } from "./command";

/** `release`: takes storages out of a stack. */
export function addRelease(program: Command, run: Run): void {
    const work = run(async (options: Release.ReleaseOptions & Access & CommonOptions) => {
        const { release } = require("../release/release") as typeof Release;
        return release(options);
    });
    addCommand(program, {
        name: "release",
        summary: "take storages out of the stack, and leave their disks running",
        description:
            "Shows what belongs to the storages, asks, and takes it out of the stack's state and settings. Nothing is deleted in AWS or in the cluster, and no pod is stopped.",
        options: [
            stackOption(),
            contextOption(),
            new Option(
                "--former-policy",
                "give adopted PersistentVolumes the reclaim policy that they had before",
            ),
            valueOption(
                "--hand-over <file>",
                "write this file, with which a stack of another cluster takes the disks over",
            ).conflicts("formerPolicy"),
            new Option("--yes", "don't ask"),
            new Option("--dry-run", "show what it would do, and do nothing").conflicts("yes"),
        ],
        examples: [
            [" www-web", "one storage of the selected stack"],
            [" www-web --hand-over=disks.json", "for another cluster of the account"],
            [" www-web --former-policy", "as it was before it was adopted"],
        ],
        statuses: [
            "the stack doesn't have the storages any more",
            "something failed on the way: correct it, and run the same again",
            "nothing was changed: it refused, an option is wrong, or it was a dry run",
        ],
    })
        .argument("<storages...>", "names of storages")
        .action((names: string[], options: Release.ReleaseOptions & CommonOptions) =>
            work({ ...options, names }),
        );
}
