import "./program/fastStackTraces";
import { all, getProject, getStack, runtime } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "./components";
import { clusterProviders } from "./program/clusterProviders";
import { checkTogether } from "./program/checkTogether";
import { isConfigSecret, readAccess, readStorages } from "./program/config";
import { stackReadme } from "./program/stackReadme";

const [project, config] = [getProject(), runtime.allConfig()];
const wanted = readStorages(project, config, isConfigSecret);
const providers = clusterProviders(readAccess(project, config));
checkTogether(wanted);
const made: Record<string, ZonalPersistentStorage> = {};
for (const { name, args, alongside, aliases } of wanted) {
    const zoneByOrdinal = alongside === undefined ? args.zoneByOrdinal : made[alongside]?.zoneByOrdinal;
    made[name] = new ZonalPersistentStorage(
        name,
        { ...args, zoneByOrdinal },
        { aliases: aliases.map((alias) => ({ name: alias })), providers },
    );
}

/** For each storage of the config: its zones, its StorageClass and the disk of each ordinal. */
export const storages = Object.fromEntries(
    Object.entries(made).map(([name, { zones, storageClassName, volumes, backupPolicyId }]) => [
        name,
        { zones, storageClassName, volumes, backupPolicyId },
    ]),
);

/** The page of the stack in Pulumi Cloud. */
export const readme = all(
    Object.fromEntries(Object.entries(made).map(([name, { volumes }]) => [name, volumes])),
).apply((volumes) => stackReadme(getStack(), wanted, volumes));
