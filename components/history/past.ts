import { runtime } from "@pulumi/pulumi";
import type { Output, Resource } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { adoptedProblems } from "./adopted";
import { continuityProblems, unadoptedProblems, unsureProtection } from "./continuity";
import { watchedVolumes } from "../engine/hooks";
import { warnOf } from "../engine/warnOf";
import { generationsOf } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { problemsText } from "../validation/problems";
import { madeAgainWarnings } from "./madeAgain";
import { recordedDisks, recordedProtection } from "./recordedDisks";
import type { Component } from "../engine/formerNames";
import type { RecordedDisks } from "./recordedDisks";
import { whenKnown } from "../validation/secrets";
import { childUrn, readStackState } from "../engine/stackState";
import { childTypes } from "../engine/resourceTypes";
import { watchedVolume } from "./watchedVolume";

/** A storage by the stack's state, and why the update can't go on from there. */
export interface Past {
    readonly recorded?: RecordedDisks;
    /** A value, for the reason that findVolumes has. */
    readonly failure?: string;
}

/** Compares what the state has of a storage with the args, and tells the hooks what they have to know. */
export function pastOf(
    name: string,
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    components: Output<Component[]>,
    component: Resource,
): Output<Past> {
    const { clusterName } = args;
    return whenKnown({ components, clusterName }, async (known, hide): Promise<Past> => {
        const state = await readStackState();
        const recorded = state && recordedDisks(state, known.components);
        const parent = known.components[0]?.urn ?? "";
        const watched = watchedVolumes();
        for (const disk of disks.filter(({ volumeId }) => volumeId === undefined)) {
            for (const generation of generationsOf(disk)) {
                const type = generation.isCopy ? childTypes.volumeCopy : childTypes.volume;
                const urn = childUrn(parent, type, generation.logicalName);
                watched.set(
                    urn,
                    watchedVolume(args, known.clusterName, disk, generation, disks, recorded, hide),
                );
            }
        }
        const protection = state && recordedProtection(state, known.components);
        const problems = recorded
            ? [
                  ...continuityProblems(args, disks, recorded, protection === true, new Date()),
                  ...adoptedProblems(args, disks, recorded),
              ]
            : [];
        const unadopted = recorded ? unadoptedProblems(disks, recorded) : [];
        // A preview shows what is to be taken over, and so goes on: adopt takes it from there.
        const isUpdate = !runtime.isDryRun();
        const isUnsure = isUpdate && protection === undefined && args.protect === false;
        const warnings = [
            ...(isUpdate ? [] : unadopted),
            ...(recorded && !isUpdate ? madeAgainWarnings(args, disks, recorded) : []),
            ...(recorded && isUnsure ? unsureProtection(disks, recorded) : []),
        ];
        warnings.forEach((text) => warnOf(component, hide(text)));
        const all = isUpdate ? [...problems, ...unadopted] : problems;
        const what = `the disks of ${JSON.stringify(name)} in the stack's state don't go with these args`;
        return { recorded, failure: problemsText(what, all) };
    });
}
