import type { Servers } from "../servers";

/** Settings of an AWS account in one region. */
export interface AccountSettings {
    /** Whether every new volume is encrypted. Defaults to false. */
    encryptionByDefault: boolean;
    /** Seconds for which a new volume is creating. All times default to 0. */
    creationSeconds: number;
    /** Seconds until a copy of a volume is initialized. */
    copySeconds: number;
    /** Seconds of a volume's modification: half of them modifying, half optimizing. */
    modificationSeconds: number;
    /** Seconds for which a new snapshot is pending. */
    snapshotSeconds: number;
    /** Seconds for which a volume is attaching, and detaching. */
    attachmentSeconds: number;
    /** Quota for the storage of all volumes of one type; null, the default, for none. */
    volumeQuotaGiB: number | null;
    /**
     * KMS keys that EC2 may not use, by ARN, id or alias; the default key is alias/aws/ebs. A volume with one of them is
     * created and then deleted, after `creationSeconds`.
     */
    keysWithoutRights: readonly string[];
    /** Days for which the Recycle Bin retains deleted volumes, 7 at most, and snapshots. Defaults to 0: it has no rule. */
    recycleBinDays: number;
    /** ARNs of roles with which Data Lifecycle Manager fails: their enabled policies get into state ERROR. */
    rolesWithoutRights: readonly string[];
}

type Ec2 = Pick<Servers, "ec2Endpoint" | "region">;

/** Changes some settings of the servers' region. Returns all of them. */
export function changeAccount(ec2: Ec2, settings: Partial<AccountSettings>): Promise<AccountSettings> {
    return call(settingsOf(ec2), "PUT", settings);
}

/** The settings of the servers' region. */
export function readAccount(ec2: Ec2): Promise<AccountSettings> {
    return call(settingsOf(ec2), "GET");
}

/** Resets all settings of the servers' region to their defaults. The clock stays. */
export function resetAccount(ec2: Ec2): Promise<AccountSettings> {
    return call(settingsOf(ec2), "DELETE");
}

/** Advances the account's clock in all regions, and so everything that takes time. */
export async function advanceClock(
    { ec2Endpoint }: Pick<Servers, "ec2Endpoint">,
    seconds: number,
): Promise<void> {
    await call(`${ec2Endpoint}/sandbox/clock`, "POST", { advanceSeconds: seconds });
}

function settingsOf({ ec2Endpoint, region }: Ec2): string {
    return `${ec2Endpoint}/sandbox/settings?region=${encodeURIComponent(region)}`;
}

async function call<T>(url: string, method: string, body?: object): Promise<T> {
    const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) {
        throw new Error(`the sandbox's account rejected the change: ${(await response.text()).trim()}`);
    }
    return (await response.json()) as T;
}
