/** An IAM policy. */
export interface Policy {
    readonly Statement: readonly {
        readonly Effect: "Allow" | "Deny";
        readonly Action: readonly string[];
        readonly Resource: readonly string[];
        readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    }[];
}

/** A permission needed for a request. */
export interface Check {
    /** Such as ec2:CreateVolume. */
    readonly action: string;
    /** ARN of the resource. */
    readonly resource: string;
    /** Condition keys of the request, such as aws:RequestTag/team. */
    readonly context: Readonly<Record<string, string>>;
}

/** Operators of the project's policy. A missing key never matches. */
const operators: Readonly<Record<string, (wanted: string, got: string | undefined) => boolean>> = {
    StringEquals: (wanted, got) => got === wanted,
    Bool: (wanted, got) => got?.toLowerCase() === wanted.toLowerCase(),
};

/**
 * Whether a policy allows a request, by IAM's rules for one policy: a statement has to allow it, and none may deny it
 * (IAM User Guide, "Policy evaluation logic").
 *
 * @throws Error for an unknown operator: ignoring a condition would allow too much.
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
