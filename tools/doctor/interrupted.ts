import type { Finding } from "./finding";
import type { State } from "../inspect/state";

/** An update ended before it could write down what it had done. */
export function interrupted(state: State | undefined): Finding[] {
    const operations = state?.interrupted ?? [];
    if (operations.length === 0) {
        return [];
    }
    return [
        {
            what: `an update of stack ${state?.stack} was interrupted while ${operations.join(", ")}`,
            mend: ["npm run recover"],
        },
    ];
}
