import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { ec2Client } from "../ec2/instances";
import { LifecycleManager } from "../ec2/lifecycle";
import type { Fault, Request } from "../faults";
import type { Servers } from "../servers";
import { account, checksFor, lifecycleChecks } from "./checks";
import { isAllowed } from "./evaluate";
import type { Check, Policy } from "./evaluate";

/**
 * Checks requests against a policy, before they reach the sandbox's EC2. moto's own IAM supports no conditions and no
 * resources except "*" (moto/iam/access_control.py in 5.2.5).
 */
export class IamGuard {
    /** Without a policy everything is allowed. */
    public policy: Policy | undefined;
    /** Actions that were requested under a policy, allowed or not. */
    public readonly asked = new Set<string>();
    private readonly ec2: EC2Client;

    public constructor(private readonly servers: Pick<Servers, "ec2Endpoint" | "region">) {
        this.ec2 = ec2Client(servers);
    }

    /** @returns the error answer to a request that isn't allowed. */
    public readonly judge = async (request: Request): Promise<Fault | undefined> => {
        const [, region = "", service] =
            /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.authorization) ?? [];
        if (service === "dlm") {
            const message = this.refusal(
                await lifecycleChecks({ ...request, region }, (id) => this.policyTags(region, id)),
            );
            return message === undefined ? undefined : accessDenied(message);
        }
        const { Action: action, ...parameters } = Object.fromEntries(new URLSearchParams(request.body));
        if (action === undefined) {
            return undefined;
        }
        const checks = await checksFor({ region, action, parameters }, (id) => this.tagsOf(id));
        const message = this.refusal(checks);
        return message === undefined ? undefined : unauthorized(message);
    };

    private refusal(checks: readonly Check[]): string | undefined {
        const { policy } = this;
        if (!policy) {
            return undefined;
        }
        checks.forEach(({ action }) => this.asked.add(action));
        const refused = checks.find((check) => !isAllowed(policy, check));
        return refused && denialMessage(refused);
    }

    private async tagsOf(id: string): Promise<Record<string, string>> {
        const Filters = [{ Name: "resource-id", Values: [id] }];
        const { Tags = [] } = await this.ec2.send(new DescribeTagsCommand({ Filters }));
        return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    }

    private async policyTags(region: string, id: string): Promise<Readonly<Record<string, string>>> {
        const policy = await new LifecycleManager(ec2Client({ ...this.servers, region })).get(id);
        return policy?.Tags ?? {};
    }
}

/** Error answer of services with JSON. */
function accessDenied(Message: string): Fault {
    const headers = { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" };
    return { status: 403, body: JSON.stringify({ Message }), headers };
}

/** Message of the IAM User Guide, "Troubleshoot access denied error messages". */
function denialMessage({ action, resource }: Check): string {
    const on = resource === "*" ? "" : ` on resource: ${resource}`;
    return (
        `User: arn:aws:sts::${account}:assumed-role/storage/sandbox is not authorized to perform: ${action}${on} ` +
        `because no identity-based policy allows the ${action} action`
    );
}

function unauthorized(message: string): Fault {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. ${message}</Message></Error></Errors><RequestID>0</RequestID></Response>`;
    return { status: 403, body, headers: { "content-type": "text/xml" } };
}
