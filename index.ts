import { getProject, runtime } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "./components";
import { readStorages } from "./config";

const made: Record<string, ZonalPersistentStorage> = {};
for (const { name, args, alongside, aliases } of readStorages(getProject(), runtime.allConfig())) {
    const zoneByOrdinal = alongside === undefined ? args.zoneByOrdinal : made[alongside]?.zoneByOrdinal;
    made[name] = new ZonalPersistentStorage(
        name,
        { ...args, zoneByOrdinal },
        { aliases: aliases.map((alias) => ({ name: alias })) },
    );
}

/** For each storage of the config: its zones, its StorageClass and what was made of each ordinal. */
export const storages = Object.fromEntries(
    Object.entries(made).map(([name, { zones, storageClassName, volumes, backupPolicyId }]) => [
        name,
        { zones, storageClassName, volumes, backupPolicyId },
    ]),
);
