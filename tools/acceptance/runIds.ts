import { randomBytes } from "node:crypto";

/**
 * Key of the tag and the label of all resources of a run; the value is the run's id. Not below
 * `zonal-persistent-storage/`, which the component reserves for its own tags. Long, since everything with it may be
 * deleted.
 */
export const runKey = "zonal-persistent-storage-acceptance";

const idPattern = /^\d{8}-[0-9a-f]{6}$/;
const namePattern = /^acceptance-(\d{8}-[0-9a-f]{6})(-[a-z]+)?$/;

/** Id of a new run: its date in UTC, and a random part. */
export function newRunId(now = new Date()): string {
    return `${now.toISOString().slice(0, 10).replaceAll("-", "")}-${randomBytes(3).toString("hex")}`;
}

/** Whether the value of a tag or a label is the id of a run. Nothing else is ever deleted. */
export function isRunId(value: string | undefined): value is string {
    return value !== undefined && idPattern.test(value);
}

/** Name of a run's namespace; with a part, of one of its storages. */
export function nameOf(run: string, part?: string): string {
    return ["acceptance", run, ...(part === undefined ? [] : [part])].join("-");
}

/** Id of the run in a name. For StorageClasses, which have no labels. */
export function runOfName(name: string): string | undefined {
    return namePattern.exec(name)?.[1];
}
