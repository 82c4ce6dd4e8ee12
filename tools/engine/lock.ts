import type { Clients } from "../inspect/clients";
import { describeLock, isAlive, locksIn } from "./backend";
import { findStateFolder } from "./project";
import type { Pulumi } from "./pulumi";

/**
 * Whether an update that has ended left its lock on a state in files. Other backends tell of theirs themselves.
 *
 * @throws Error if the update may still be running.
 */
export async function hasDeadLock(pulumi: Pulumi, clients: Clients): Promise<boolean> {
    const folder = await findStateFolder(pulumi, clients);
    const locks = folder ? locksIn(folder) : [];
    const foreign = locks.find((lock) => isAlive(lock) !== false);
    if (foreign) {
        throw new Error(`another update may be running: ${describeLock(foreign)}; wait for it to end`);
    }
    return locks.length > 0;
}
