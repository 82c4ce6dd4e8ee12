import { readFile, realpath, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isMap, isScalar, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { Project } from "../engine/project";
import { settingsByName } from "./plannedStorages";
import type { PlannedStorage } from "./plannedStorages";
import { withEntries, withEntry, withItem, withoutEntries, withoutLastItem, withoutPaths } from "./yamlText";

/** Settings of a storage that change once its disks are in the state. */
export interface SettledSettings {
    /** Ordinals whose overrides needn't name the PersistentVolume any more: it has the name that the storage gives. */
    readonly ownNames: readonly string[];
    /** Whether the stack creates the claims from then on. */
    readonly createsClaims: boolean;
}

/** The settings file of a stack whose program reads its storages from there. */
export class StackFile {
    private constructor(
        private readonly path: string,
        /** Name of the project, the namespace of its settings. */
        public readonly project: string,
        private readonly text: string,
        private readonly document: Document,
    ) {}

    /**
     * Reads the settings file.
     *
     * @returns undefined if the program has its storages elsewhere: in code.
     * @throws Error if it isn't YAML, or nothing can be added to its storages.
     */
    public static async read({ name, configFolder }: Project, stack: string): Promise<StackFile | undefined> {
        const short = stack.split("/").at(-1) ?? stack;
        const path = join(configFolder, `Pulumi.${short}.yaml`);
        const text = await readFile(path, "utf8").catch(() => "");
        // All scalars are texts, so that 012345678901 stays the account that it is.
        const document = parseDocument(text, { schema: "failsafe" });
        if (document.errors[0]) {
            throw new Error(`${path} must be YAML: ${document.errors[0].message.split("\n")[0]}`);
        }
        const isOwn = ["cluster", "storages"].some((key) => document.hasIn(["config", `${name}:${key}`]));
        if (!isOwn) {
            return undefined;
        }
        const storages = document.getIn(["config", `${name}:storages`], true);
        const isEmpty =
            storages === undefined || (isScalar(storages) && /^(|~|null)$/i.test(storages.source ?? ""));
        if (!isEmpty && (!isMap(storages) || storages.get("secure") !== undefined)) {
            throw new Error(
                `${path} must have ${name}:storages as a map of storages, of which single settings may be secret: nothing can be added to it otherwise`,
            );
        }
        return new StackFile(path, name, text, document);
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

    /** Ids of the volumes that a storage only uses. */
    public usedVolumesOf(name: string): string[] {
        const overrides = Object.values(this.storages[name]?.overrides ?? {});
        return overrides.flatMap((override) => override?.volumeId ?? []);
    }

    /** Adds storages. Everything else of the file stays as it is. */
    public async add(storages: readonly PlannedStorage[]): Promise<void> {
        await this.write(withEntries(this.text, this.place, settingsByName(storages)));
    }

    /** Removes storages. Everything else of the file stays as it is. */
    public async remove(names: readonly string[]): Promise<void> {
        await this.write(withoutEntries(this.text, this.place, names));
    }

    /** Moves of a disk, as they are written. */
    public movesOf(storage: string, ordinal: number): readonly unknown[] {
        const override: Override | null | undefined = this.storages[storage]?.overrides?.[ordinal];
        return Array.isArray(override?.moves) ? override.moves : [];
    }

    /** Adds a move to the end of each disk's. Everything else of the file stays as it is. */
    public async addMoves(moves: readonly DiskMove[]): Promise<void> {
        await this.write(
            moves.reduce(
                (text, { settings, ...disk }) => withItem(text, this.movesPlace(disk), settings),
                this.text,
            ),
        );
    }

    /** Removes the last move of each disk. */
    public async removeMoves(disks: readonly DiskName[]): Promise<void> {
        await this.write(
            disks.reduce((text, disk) => withoutLastItem(text, this.movesPlace(disk)), this.text),
        );
    }

    /** Lets the volumes of disks go: the next update may put them on others. */
    public async giveUp(disks: readonly GivenUp[]): Promise<void> {
        await this.write(
            disks.reduce((text, { volumeId, ...disk }) => {
                const path = this.overridePlace(disk);
                return withEntry(text, [...path, "lostVolumeId"], volumeId);
            }, this.text),
        );
    }

    /** Removes that of `giveUp`. */
    public async forgetGivenUp(disks: readonly DiskName[]): Promise<void> {
        await this.write(
            withoutPaths(
                this.text,
                disks.map((disk) => [...this.overridePlace(disk), "lostVolumeId"]),
            ),
        );
    }

    private movesPlace(disk: DiskName): string[] {
        return [...this.overridePlace(disk), "moves"];
    }

    private overridePlace({ storage, ordinal }: DiskName): string[] {
        return [...this.place, storage, "overrides", String(ordinal)];
    }

    /** Settles the settings of storages whose disks are in the state. Everything else of the file stays as it is. */
    public async settle(storages: ReadonlyMap<string, SettledSettings>): Promise<void> {
        const paths = [...storages].flatMap(([name, { ownNames }]) =>
            ownNames.map((ordinal) => [...this.place, name, "overrides", ordinal, "persistentVolumeName"]),
        );
        const creating = [...storages].filter(
            ([name, { createsClaims }]) => createsClaims && this.storages[name]?.claims?.create === undefined,
        );
        const text = creating.reduce(
            (before, [name]) => withEntries(before, [...this.place, name, "claims"], { create: true }),
            withoutPaths(this.text, paths),
        );
        if (text !== this.text) {
            await this.write(text);
        }
    }

    private get place(): string[] {
        return ["config", `${this.project}:storages`];
    }

    /**
     * Writes the file whole, even if this process is killed.
     *
     * @throws Error if it isn't as it was read.
     */
    private async write(text: string): Promise<void> {
        const current = await readFile(this.path, "utf8").catch(() => "");
        if (current !== this.text) {
            throw new Error(`${this.path} was changed by somebody else meanwhile, and wasn't written`);
        }
        const file = await realpath(this.path);
        await writeFile(`${file}.new`, text);
        await rename(`${file}.new`, file);
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
    readonly claims?: { readonly create?: string };
    readonly overrides?: Readonly<Record<string, Override | null>>;
}

interface Override {
    readonly persistentVolumeName?: string;
    readonly volumeId?: string;
    readonly moves?: unknown;
}

/** A disk in a stack's settings. */
export interface DiskName {
    readonly storage: string;
    readonly ordinal: number;
}

/** A disk whose volume may be let go. */
export interface GivenUp extends DiskName {
    readonly volumeId: string;
}

/** A disk's next move. */
export interface DiskMove extends DiskName {
    readonly settings: Readonly<Record<string, unknown>>;
}
