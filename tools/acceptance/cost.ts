/** Hours after which a run gives up: the longest time that its resources cost money, apart from their removal. */
export const maxHours = 2;

/** Most volumes at a time: see settings.ts. */
export const maxVolumes = { count: 6, gib: 7 } as const;

/** Snapshots of a run: one for the move, one for deletionPolicy Snapshot. */
export const maxSnapshots = { count: 2, gib: 2 } as const;

/**
 * Dollars for a GiB and month of gp2 in us-east-1; gp3 and snapshots are cheaper there.
 * https://aws.amazon.com/ebs/pricing/, read on 2026-11-24.
 */
const listPrice = 0.1;

/** Upper bound for the prices of other regions. */
const regionFactor = 5;

/** Hours of a month in AWS' price lists. */
const hoursOfMonth = 730;

/** Maximum cost of a run, in dollars. */
export interface Cost {
    readonly ofRun: number;
    /** For each month in which its resources are not removed. */
    readonly ofMonthLeft: number;
}

/** The cost of all volumes and full snapshots for the whole time. */
export function maxCost(): Cost {
    const ofMonth = (maxVolumes.gib + maxSnapshots.gib) * listPrice * regionFactor;
    return { ofRun: roundUp((ofMonth / hoursOfMonth) * maxHours), ofMonthLeft: roundUp(ofMonth) };
}

/** Source of the figures. */
export const costSource =
    `${listPrice.toFixed(2)} USD for a GiB and month of gp2 in us-east-1 (https://aws.amazon.com/ebs/pricing/, read on 2026-11-24), ` +
    `times ${regionFactor} for more expensive regions`;

function roundUp(dollars: number): number {
    return Math.ceil(dollars * 100) / 100;
}
