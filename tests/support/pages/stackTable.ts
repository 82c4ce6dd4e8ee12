import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { markdownTable } from "../../../program/markdownTable";
import { project } from "../cluster/sandbox";

/** Stacks with a file in this repository. */
export const stackNames = ["dev", "staging", "prod"] as const;

/** A Markdown table of the settings in which the stacks' files differ. */
export function stackTable(): string {
    const settings = stackNames.map((name) => {
        const { config } = parse(readFileSync(join(project, `Pulumi.${name}.yaml`), "utf8")) as {
            config: object;
        };
        return flat(config);
    });
    const keys = [...new Set(settings.flatMap((one) => Object.keys(one)))];
    const rows = keys
        .map((key) => [`\`${key}\``, ...settings.map((one) => one[key] ?? "")])
        .filter(([, first, ...others]) => others.some((value) => value !== first));
    const header = ["setting", ...stackNames];
    return markdownTable(header, rows);
}

/** Settings as texts, by dotted paths without the program's namespace. */
function flat(settings: object, at = ""): Record<string, string> {
    return Object.assign(
        {},
        ...Object.entries(settings).map(([key, value]: [string, unknown]) => {
            const path = `${at}${key.replace("zonal-persistent-storage:", "")}`;
            return typeof value === "object" && value !== null && !Array.isArray(value)
                ? flat(value, `${path}.`)
                : { [path]: Array.isArray(value) ? value.join(", ") : String(value) };
        }),
    ) as Record<string, string>;
}
