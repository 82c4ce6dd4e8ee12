/** A backup policy in the state. */
export interface StateBackupPolicy {
    readonly policyId: string;
    /** URN of its storage. */
    readonly storage: string;
    readonly region?: string;
}

interface Resource {
    readonly type: string;
    readonly id?: string;
    readonly parent?: string;
    readonly delete?: boolean;
    readonly outputs?: { readonly region?: unknown };
}

/** The backup policies of storages. */
export function backupPoliciesIn(resources: readonly Resource[]): StateBackupPolicy[] {
    return resources.flatMap(({ type, id = "", parent, delete: isReplaced, outputs }) => {
        // An id of any other form isn't AWS', and could be an option to its CLI.
        const isPolicy = type === "aws:dlm/lifecyclePolicy:LifecyclePolicy" && /^policy-\w+$/.test(id);
        const region = typeof outputs?.region === "string" ? outputs.region : undefined;
        return isPolicy && !isReplaced && parent !== undefined
            ? [{ policyId: id, storage: parent, region }]
            : [];
    });
}
