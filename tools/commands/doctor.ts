import type { Command } from "commander";
import type { Access } from "../inspect/clients";
import type { Target } from "../inspect/target";
import type * as Diagnose from "../doctor/diagnose";
import { addCommand, targetOptions } from "./command";
import type { CommonOptions, Run } from "./command";

/** `doctor`: what is in the way of a cluster's disks. */
export function addDoctor(program: Command, run: Run): void {
    addCommand(program, {
        name: "doctor",
        summary: "find problems with disks, and the commands that solve them",
        description:
            "Finds what prevents a cluster's disks from being used or removed, and prints the commands that solve it. It changes nothing.",
        options: targetOptions(),
        examples: [
            ["", "the selected stack, the current context"],
            [" --stack=production --context=production", "another stack and its cluster"],
            [" --cwd=../storage --json", "another program's stack, for a script"],
        ],
        statuses: [
            "no problems found: the stack's state, the cluster and EC2 were looked at",
            "problems found",
            "it can't tell: something could not be looked at, or an option is wrong",
        ],
    }).action(
        run(async (options: Target & Access & CommonOptions) => {
            const { diagnose } = require("../doctor/diagnose") as typeof Diagnose;
            return diagnose(options);
        }),
    );
}
