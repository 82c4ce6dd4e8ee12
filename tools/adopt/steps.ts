import type { Line } from "../terminal/answer";
import type { Plan } from "./plan";
import type { World } from "./world";

/** The steps of an adoption, for the user to agree to. */
export function stepsOf(
    { disks, storages, takeover }: Plan,
    { stackFile }: Pick<World, "stackFile">,
    isLocked: boolean,
): Line[] {
    const unsafe = disks.filter(({ reclaimPolicy }) => reclaimPolicy !== "Retain");
    const released = disks.filter(({ isReleased }) => isReleased);
    return [
        { heading: "then, with no pod stopped:" },
        ...(isLocked ? ["    pulumi cancel: removes the lock of an update that has ended"] : []),
        ...(unsafe.length > 0
            ? [`    kubectl patch: reclaim policy Retain for ${unsafe.map(({ name }) => name).join(", ")}`]
            : []),
        ...(released.length > 0
            ? [
                  `    kubectl patch: no uid of a deleted claim for ${released.map(({ name }) => name).join(", ")}, which a new claim of the same name then gets`,
              ]
            : []),
        ...(takeover && takeover.tagChanges.length > 0
            ? [`    aws ec2 delete-tags, create-tags: the volumes become those of ${takeover.to}`]
            : []),
        ...(storages.length > 0
            ? [`    ${stackFile?.name}: ${storages.map(({ name }) => `storage ${name}`).join(", ")}`]
            : []),
        `    pulumi import: ${takeover ? "volumes" : "PersistentVolumes and volumes"}`,
        "    pulumi preview: must replace and delete nothing",
        `    pulumi up: ${takeover ? "PersistentVolumes, " : ""}labels, tags, protection`,
        "    pulumi preview: must show no changes",
    ];
}
