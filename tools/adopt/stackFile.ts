import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isMap, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { Project } from "../engine/project";
import type { PlannedStorage } from "./plannedStorages";

/** The settings file of a stack whose program reads its storages from there. */
export class StackFile {
    private constructor(
        private readonly path: string,
        private readonly project: string,
        private readonly document: Document,
        private readonly indent: number,
    ) {}

    /**
     * Reads the settings file.
     *
     * @returns undefined if the program has its storages elsewhere: in code.
     * @throws Error if it isn't YAML.
     */
    public static async read({ name, configFolder }: Project, stack: string): Promise<StackFile | undefined> {
        const short = stack.split("/").at(-1) ?? stack;
        const path = join(configFolder, `Pulumi.${short}.yaml`);
        const text = await readFile(path, "utf8").catch(() => "");
        const document = parseDocument(text);
        if (document.errors[0]) {
            throw new Error(`${path} must be YAML: ${document.errors[0].message.split("\n")[0]}`);
        }
        const own = ["cluster", "storages"].some((key) => document.hasIn(["config", `${name}:${key}`]));
        const [, spaces = "    "] = /^( +)\S/m.exec(text) ?? [];
        return own ? new StackFile(path, name, document, spaces.length) : undefined;
    }

    /** Name of the file, for messages. */
    public get name(): string {
        return basename(this.path);
    }

    /** Name of the cluster, if it is plain. */
    public get clusterName(): string | undefined {
        const name = this.document.getIn(["config", `${this.project}:cluster`, "name"]);
        return typeof name === "string" ? name : undefined;
    }

    /** Names of the storages. */
    public get storageNames(): string[] {
        return Object.keys(this.storages);
    }

    /** Names of the PersistentVolumes that overrides name. */
    public get persistentVolumeNames(): string[] {
        return this.storageNames.flatMap((name) => this.persistentVolumesOf(name));
    }

    /** The same of one storage. */
    public persistentVolumesOf(name: string): string[] {
        const overrides = Object.values(this.storages[name]?.overrides ?? {});
        return overrides.flatMap((override) => override?.persistentVolumeName ?? []);
    }

    /** Adds storages. Comments and the order of the file stay. */
    public async add(storages: readonly PlannedStorage[]): Promise<void> {
        const key = ["config", `${this.project}:storages`];
        if (!isMap(this.document.getIn(key))) {
            this.document.setIn(key, this.document.createNode({}));
        }
        storages.forEach(({ name, settings }) =>
            this.document.setIn([...key, name], this.document.createNode(settings)),
        );
        await this.write();
    }

    /** Removes storages. */
    public async remove(names: readonly string[]): Promise<void> {
        const key = ["config", `${this.project}:storages`];
        names.forEach((name) => this.document.deleteIn([...key, name]));
        const left = this.document.getIn(key);
        if (isMap(left) && left.items.length === 0) {
            this.document.deleteIn(key);
        }
        await this.write();
    }

    private async write(): Promise<void> {
        await writeFile(this.path, this.document.toString({ indent: this.indent, lineWidth: 0 }));
    }

    private get storages(): Readonly<Record<string, Storage | null>> {
        const { config = {} } = (this.document.toJS() ?? {}) as { config?: Record<string, unknown> };
        const storages = config[`${this.project}:storages`];
        return typeof storages === "object" && storages !== null
            ? (storages as Record<string, Storage | null>)
            : {};
    }
}

interface Storage {
    readonly overrides?: Readonly<Record<string, { readonly persistentVolumeName?: string } | null>>;
}
