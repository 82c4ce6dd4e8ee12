/** Hours after which a run gives up: the longest that anything of it is paid for, its removal apart. */
export const mostHours = 2;

/** GiB of volumes that there are at most at a time: see settings.ts. */
export const mostVolumes = { count: 6, gib: 7 } as const;

/** Snapshots that a run takes: one for the move, one for deletionPolicy Snapshot. */
export const mostSnapshots = { count: 2, gib: 2 } as const;

/**
 * Dollars for a GiB and month of gp2 in us-east-1; gp3 and snapshots are cheaper there.
 * https://aws.amazon.com/ebs/pricing/, 2026-11-24.
 */
const listPrice = 0.1;

/** Other regions are dearer, by far less than this. */
const forOtherRegions = 5;

/** AWS' own month for prices. */
const hoursOfMonth = 730;

/** The most that a run can cost, in dollars. */
export interface Cost {
    readonly ofRun: number;
    /** For each month in which what it has created is left where it is. */
    readonly ofMonthLeft: number;
}

/** Volumes and snapshots, the latter as if every block were written; all of it for the whole time. */
export function mostCost(): Cost {
    const ofMonth = (mostVolumes.gib + mostSnapshots.gib) * listPrice * forOtherRegions;
    return { ofRun: roundUp((ofMonth / hoursOfMonth) * mostHours), ofMonthLeft: roundUp(ofMonth) };
}

/** Source of the figures, in a line. */
export const costSource =
    `${listPrice.toFixed(2)} USD for a GiB and month of gp2 in us-east-1 (https://aws.amazon.com/ebs/pricing/, 2026-11-24), ` +
    `times ${forOtherRegions} for dearer regions`;

function roundUp(dollars: number): number {
    return Math.ceil(dollars * 100) / 100;
}
