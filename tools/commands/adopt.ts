import { Option } from "commander";
import type { Command } from "commander";
import type * as Adopt from "../adopt/adopt";
import type { Access } from "../inspect/clients";
import { addCommand, contextOption, stackOption, valueOption } from "./command";
import type { CommonOptions, Run } from "./command";

/** `adopt`: takes disks that exist into a stack. */
export function addAdopt(program: Command, run: Run): void {
    const work = run(async (options: Adopt.AdoptOptions & Access & CommonOptions) => {
        const { adopt } = require("../adopt/adopt") as typeof Adopt;
        return adopt(options);
    });
    addCommand(program, {
        name: "adopt",
        summary: "take disks that exist into the stack, while pods use them",
        description:
            "Finds PersistentVolumes on EBS volumes that no stack manages, shows what it will do, asks, and takes them and their volumes into the stack. No pod is stopped, and nothing is made again.",
        options: [
            valueOption("--stateful-set <name>", "the disks of a StatefulSet's claims"),
            valueOption("--namespace <name>", "the disks of a namespace's claims"),
            valueOption("--selector <labels>", "the disks of claims with these labels"),
            new Option("--all", "all disks of the cluster"),
            valueOption("--storage <name>", "name of the storage that they become"),
            new Option(
                "--use-only",
                "leave the volumes as they are: the stack uses them, and never changes them",
            ),
            valueOption(
                "--released <file>",
                "the disks that release --hand-over has taken out of another cluster's stack",
            ).conflicts(["statefulSet", "namespace", "selector", "all", "storage", "useOnly"]),
            stackOption(),
            contextOption(),
            valueOption("--cluster <name>", "name of the cluster in the tags of its volumes"),
            valueOption("--region <name>", "another AWS region than the stack's"),
            new Option("--yes", "don't ask"),
            new Option("--dry-run", "show what it would do, and do nothing").conflicts("yes"),
        ],
        examples: [
            [" pvc-0b1c manual-ebs-01", "two PersistentVolumes"],
            [" --stateful-set=web --namespace=shop", "the disks of a StatefulSet"],
            [" --released=disks.json", "the disks of another cluster of the account"],
            [" --all --dry-run", "what it would do for all disks of the cluster"],
        ],
        statuses: [
            "the disks are the stack's, and a preview shows no changes",
            "something failed on the way: correct it, and run the same again",
            "nothing was changed: it refused, an option is wrong, or it was a dry run",
        ],
    })
        .usage("[options] [persistent-volumes...]")
        .argument("[persistent-volumes...]", "names of PersistentVolumes")
        .action((names: string[], options: Adopt.AdoptOptions & CommonOptions) =>
            work({ ...options, names }),
        );
}
