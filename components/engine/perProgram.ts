import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/**
 * Something that the components of one program share, and those of no other: unit tests run several programs in one
 * process. Where nothing runs a program there is nothing to share.
 *
 * @param make - Makes it when it is first asked for.
 */
export function perProgram<T>(make: () => T): () => T {
    const made = new WeakMap<object, T>();
    return () => {
        const monitor = getMonitor() as object | undefined;
        if (!monitor) {
            return make();
        }
        const value = made.get(monitor) ?? make();
        made.set(monitor, value);
        return value;
    };
}
