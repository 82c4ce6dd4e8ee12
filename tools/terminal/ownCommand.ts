/**
 * How to run a command of this package, for messages: `npx` finds the program in a clone, in a project that has
 * installed the package, and otherwise in the registry.
 */
export function ownCommand(command: string): string {
    return `npx zonal-persistent-storage ${command}`;
}
