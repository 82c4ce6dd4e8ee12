/** A policy as IAM takes it. */
export interface Policy {
    readonly Statement: readonly {
        readonly Effect: "Allow" | "Deny";
        readonly Action: readonly string[];
        readonly Resource: readonly string[];
        readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    }[];
}

/** One of the things that have to be allowed for a request to be. */
export interface Check {
    /** Such as ec2:CreateVolume. */
    readonly action: string;
    /** ARN of what it is done to. */
    readonly resource: string;
    /** Condition keys that the request has, such as aws:RequestTag/team. */
    readonly context: Readonly<Record<string, string>>;
}

/** The operators that the project's policy uses. A key that a request doesn't have never matches. */
const operators: Readonly<Record<string, (wanted: string, got: string | undefined) => boolean>> = {
    StringEquals: (wanted, got) => got === wanted,
    Bool: (wanted, got) => got?.toLowerCase() === wanted.toLowerCase(),
};

/**
 * Whether a policy allows something, by IAM's rules for one policy: nothing is allowed that no statement allows,
 * and a statement that denies wins (IAM User Guide, "Policy evaluation logic").
 *
 * @throws Error for an operator that it doesn't know: a condition that isn't understood would be a hole.
 */
export function isAllowed(policy: Policy, check: Check): boolean {
    const effects = policy.Statement.filter((statement) => applies(statement, check)).map(
        ({ Effect }) => Effect,
    );
    return effects.includes("Allow") && !effects.includes("Deny");
}

function applies(
    { Action, Resource, Condition = {} }: Policy["Statement"][number],
    { action, resource, context }: Check,
): boolean {
    const conditions = Object.entries(Condition).flatMap(([operator, keys]) => {
        const matches = operators[operator];
        if (!matches) {
            throw new Error(`the sandbox's IAM has no operator ${operator}`);
        }
        return Object.entries(keys).map(([key, wanted]) => matches(wanted, context[key]));
    });
    return (
        Action.some((one) => matchesPattern(one.toLowerCase(), action.toLowerCase())) &&
        Resource.some((one) => matchesPattern(one, resource)) &&
        conditions.every(Boolean)
    );
}

function matchesPattern(pattern: string, text: string): boolean {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
}
