import { runtime } from "@pulumi/pulumi";
import { createRequire } from "node:module";
import { join } from "node:path";
import { configAsText } from "../../../sandbox/engine/program";
import { project } from "../cluster/sandbox";

/** A program of this repository with its config, for the mocks, whose project is called `project`. */
export function program(file: string, settings: Readonly<Record<string, unknown>>): () => object {
    const load = createRequire(__filename);
    const path = join(project, file);
    return () => {
        const config = Object.entries(settings).map(([key, value]): [string, unknown] => [
            key.includes(":") ? key : `project:${key}`,
            value,
        ]);
        runtime.setAllConfig(configAsText(Object.fromEntries(config)));
        Reflect.deleteProperty(load.cache, path);
        return load(path) as object;
    };
}
