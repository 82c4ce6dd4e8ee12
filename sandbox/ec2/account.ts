import type { Servers } from "../servers";

/** Settings in which AWS accounts differ, in one region. */
export interface AccountSettings {
    /** Whether every new volume is encrypted. Defaults to false. */
    encryptionByDefault: boolean;
    /** For how long a new volume is creating. Defaults to 0, as all times here: it happens at once. */
    creationSeconds: number;
    /** How long a modification of a volume takes: half of it modifying, half of it optimizing. */
    modificationSeconds: number;
    /** For how long a new snapshot is pending. */
    snapshotSeconds: number;
    /** For how long a volume is attaching, and detaching. */
    attachmentSeconds: number;
    /** Most storage of all volumes of one type; null, the default, for no limit. */
    volumeQuotaGiB: number | null;
    /**
     * KMS keys that EC2 can't use, by ARN, id or alias; the default key is alias/aws/ebs. A volume with one of them
     * is created and vanishes, at once or after `creationSeconds`.
     */
    keysWithoutRights: readonly string[];
}

type Ec2 = Pick<Servers, "ec2Endpoint" | "region">;

/** Changes settings of the servers' region; what isn't named stays. Returns all of them. */
export function changeAccount(ec2: Ec2, settings: Partial<AccountSettings>): Promise<AccountSettings> {
    return call(settingsOf(ec2), "PUT", settings);
}

/** The settings of the servers' region. */
export function readAccount(ec2: Ec2): Promise<AccountSettings> {
    return call(settingsOf(ec2), "GET");
}

/** Brings all settings of the servers' region back to their defaults. The clock stays. */
export function resetAccount(ec2: Ec2): Promise<AccountSettings> {
    return call(settingsOf(ec2), "DELETE");
}

/** Moves the account's clock on, in all regions: what takes time is then that much further. */
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
        throw new Error(`the sandbox's account refused the change: ${(await response.text()).trim()}`);
    }
    return (await response.json()) as T;
}
