import { Option } from "commander";
import type { Command } from "commander";
import type { Access } from "../inspect/clients";
import type * as Recover from "../recover/recover";
import { addCommand, contextOption, stackOption } from "./command";
import type { CommonOptions, Run } from "./command";

/** `recover`: ends an update that was killed. */
export function addRecover(program: Command, run: Run): void {
    addCommand(program, {
        name: "recover",
        summary: "finish a `pulumi up` or `pulumi destroy` that was killed",
        description:
            "Finds from the stack's state and its lock what was interrupted, shows what it will do, asks, and finishes the update with today's settings.",
        options: [
            stackOption(),
            contextOption(),
            new Option("--yes", "don't ask"),
            new Option("--dry-run", "show what it would do, and do nothing").conflicts("yes"),
        ],
        examples: [
            ["", "the selected stack"],
            [" --stack=production --dry-run", "what it would do for another stack"],
        ],
        statuses: [
            "the interrupted update is finished",
            "something failed on the way: correct it, and run the same again",
            "nothing was changed: nothing was interrupted, it refused, an option is wrong, or it was a dry run",
        ],
    }).action(
        run(async (options: Recover.RecoverOptions & Access & CommonOptions) => {
            const { recover } = require("../recover/recover") as typeof Recover;
            return recover(options);
        }),
    );
}
