import { getProject, runtime } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "./components";
import { readStorages } from "./config";

const made = Object.entries(readStorages(getProject(), runtime.allConfig())).map(
    ([name, args]) => [name, new ZonalPersistentStorage(name, args)] as const,
);

/** For each storage of the config: its zones, its StorageClass and what was made of each ordinal. */
export const storages = Object.fromEntries(
    made.map(([name, { zones, storageClassName, volumes }]) => [name, { zones, storageClassName, volumes }]),
);
