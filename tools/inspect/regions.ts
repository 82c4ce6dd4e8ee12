import type { State } from "./state";

/** The part of a state in one region, and the other regions that it has volumes in. */
export function inRegion(
    state: State,
    region: string,
): { readonly state: State; readonly elsewhere: string[] } {
    const far = state.volumes.filter((one) => one.region !== undefined && one.region !== region);
    const ids = new Set<string | undefined>(far.map(({ volumeId }) => volumeId));
    const isHere = ({ volumeId }: { readonly volumeId?: string }) => !ids.has(volumeId);
    return {
        state: {
            ...state,
            volumes: state.volumes.filter(isHere),
            persistentVolumes: state.persistentVolumes.filter(isHere),
            backupPolicies: state.backupPolicies.filter((one) => (one.region ?? region) === region),
            storages: state.storages
                .map((storage) => ({ ...storage, disks: storage.disks.filter(isHere) }))
                .filter(({ disks }, index) => disks.length > 0 || state.storages[index]?.disks.length === 0),
        },
        elsewhere: [...new Set(far.flatMap((one) => one.region ?? []))].sort(),
    };
}
