import { randomBytes } from "node:crypto";

/**
 * Key of the tag and of the label that everything of a run has, with the run's id as its value. Not below
 * `zonal-persistent-storage/`, which the component reserves for tags of its own. Long, since whatever has it may be deleted.
 */
export const runKey = "zonal-persistent-storage-acceptance";

const idPattern = /^\d{8}-[0-9a-f]{6}$/;
const namePattern = /^acceptance-(\d{8}-[0-9a-f]{6})(-[a-z]+)?$/;

/** Id of a new run: its day in UTC, and what tells it from others of that day. */
export function newRunId(now = new Date()): string {
    return `${now.toISOString().slice(0, 10).replaceAll("-", "")}-${randomBytes(3).toString("hex")}`;
}

/** Whether the value of a tag or a label is the id of a run: nothing else is ever deleted. */
export function isRunId(value: string | undefined): value is string {
    return value !== undefined && idPattern.test(value);
}

/** Name of what a run creates, such as its namespace; with a part, of one of its storages. */
export function nameOf(run: string, part?: string): string {
    return ["acceptance", run, ...(part === undefined ? [] : [part])].join("-");
}

/** Id of the run that a name is of. For StorageClasses, which the program gives no labels. */
export function runOfName(name: string): string | undefined {
    return namePattern.exec(name)?.[1];
}
