import type { Finding } from "./finding";
import type { State } from "../inspect/state";
import { ownCommand } from "../terminal/ownCommand";

/** An update that ended before its operations were recorded in the state. */
export function interruptedFindings(state: State | undefined): Finding[] {
    const operations = state?.interrupted ?? [];
    if (operations.length === 0) {
        return [];
    }
    return [
        {
            what: `an update of stack ${state?.stack} was interrupted while ${operations.join(", ")}`,
            mend: [ownCommand("recover")],
        },
    ];
}
