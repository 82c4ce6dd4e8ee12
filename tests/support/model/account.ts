import assert from "node:assert/strict";
import { advanceClock, changeAccount } from "../../../sandbox/ec2/account";
import type { AccountSettings } from "../../../sandbox/ec2/account";
import type { Model, World } from "./world";

const day = 86_400;

/** The way out of a refusal, by its advice, and the flags of the next update. */
interface WayOut {
    readonly says: RegExp;
    readonly advice: RegExp;
    readonly act: (world: World) => Promise<unknown>;
    readonly flags: readonly string[];
}

const waysOut: readonly WayOut[] = [
    {
        says: /VolumeModificationRateExceeded/,
        advice: /run pulumi up --refresh after that time/,
        act: ({ servers }) => advanceClock(servers, day),
        flags: ["--refresh"],
    },
    {
        says: /IncorrectModificationState/,
        advice: /run pulumi up --refresh when/,
        act: ({ servers }) => advanceClock(servers, day),
        flags: ["--refresh"],
    },
    {
        says: /create: couldn't find resource/,
        advice: /check the key, .* then run pulumi up --refresh/,
        act: (world) => applySettings(world, { keysWithoutRights: [] }),
        flags: ["--refresh"],
    },
    {
        says: /Must specify at least one of/i,
        advice: /run pulumi up again/,
        act: () => Promise.resolve(),
        flags: [],
    },
];

/**
 * Follows the advice of an update that failed because of the account's settings.
 *
 * @returns flags of the next update, which has to succeed; undefined if the failure has another reason.
 */
export async function followAdvice(world: World, said: string): Promise<readonly string[] | undefined> {
    const text = said.replace(/\s+/g, " ");
    const found = waysOut.filter(({ says }) => says.test(text));
    if (found.length === 0) {
        return undefined;
    }
    for (const { advice, act } of found) {
        assert.match(text, advice);
        await act(world);
    }
    return [...new Set(found.flatMap(({ flags }) => flags))];
}

/** Changes of an account's settings that may happen at any time. */
export const accountChanges: readonly Partial<AccountSettings>[] = [
    { encryptionByDefault: true },
    { encryptionByDefault: false },
    { modificationSeconds: 3600 },
    { modificationSeconds: 0 },
    { snapshotSeconds: 2 },
    { snapshotSeconds: 0 },
    { keysWithoutRights: ["alias/aws/ebs"] },
    { keysWithoutRights: [] },
];

/** Changes an account's settings. */
export async function change(model: Model, world: World, settings: Partial<AccountSettings>): Promise<void> {
    await applySettings(world, settings);
    // A volume that EC2 takes back is in the state, and nowhere else, until the next refresh.
    model.mayLoseNewVolumes ||= world.takesVolumesBack;
}

async function applySettings(world: World, settings: Partial<AccountSettings>): Promise<void> {
    await changeAccount(world.servers, settings);
    const { keysWithoutRights, encryptionByDefault } = settings;
    world.takesVolumesBack = keysWithoutRights ? keysWithoutRights.length > 0 : world.takesVolumesBack;
    world.encryptsByDefault = encryptionByDefault ?? world.encryptsByDefault;
}
