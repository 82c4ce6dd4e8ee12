import { DLMClient } from "@aws-sdk/client-dlm";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { credentials } from "../servers";
import type { Servers } from "../servers";
import { awsRequest } from "./awsRequest";

/** A client of the sandbox's Data Lifecycle Manager. */
export function dlmClient({ ec2Endpoint, region }: Pick<Servers, "ec2Endpoint" | "region">): DLMClient {
    return new DLMClient({ endpoint: ec2Endpoint, region, credentials });
}

/** A policy in answers of Data Lifecycle Manager. */
export interface AwsLifecyclePolicy {
    readonly PolicyArn: string;
    readonly Description: string;
    readonly ExecutionRoleArn: string;
    readonly State: string;
    readonly PolicyDetails: Readonly<Record<string, unknown>>;
    readonly Tags: Readonly<Record<string, string>>;
}

/** Data Lifecycle Manager of the sandbox's AWS: API_Operations of its API Reference (read on 2026-11-27). */
export class LifecycleManager {
    /** @param client - Provides endpoint and region. */
    public constructor(private readonly client: EC2Client) {}

    /** @returns the policy's id. */
    public async create(policy: object): Promise<string> {
        const answer = await this.call("CreateLifecyclePolicy", "POST", "/policies", policy);
        return String(answer?.["PolicyId"]);
    }

    /** @returns undefined if there is no such policy. */
    public async get(id: string): Promise<AwsLifecyclePolicy | undefined> {
        const answer = await this.call("GetLifecyclePolicy", "GET", `/policies/${id}`);
        return answer?.["Policy"] as AwsLifecyclePolicy | undefined;
    }

    public async update(id: string, changes: object): Promise<void> {
        if (!(await this.call("UpdateLifecyclePolicy", "PATCH", `/policies/${id}`, changes))) {
            throw new Error(`operation error DLM: UpdateLifecyclePolicy: no policy ${id}`);
        }
    }

    public async delete(id: string): Promise<void> {
        await this.call("DeleteLifecyclePolicy", "DELETE", `/policies/${id}`);
    }

    public async tag(arn: string, Tags: Readonly<Record<string, string>>): Promise<void> {
        await this.call("TagResource", "POST", `/tags/${encodeURIComponent(arn)}`, { Tags });
    }

    public async untag(arn: string, keys: readonly string[]): Promise<void> {
        const query = new URLSearchParams(keys.map((key): [string, string] => ["tagKeys", key]));
        await this.call("UntagResource", "DELETE", `/tags/${encodeURIComponent(arn)}?${query.toString()}`);
    }

    /** @returns undefined if there is no such policy. */
    private async call(
        operation: string,
        method: string,
        path: string,
        body?: object,
    ): Promise<Record<string, unknown> | undefined> {
        const text = body && JSON.stringify(body);
        const response = await awsRequest(this.client, { service: "dlm", method, path, body: text });
        const answer = (await response.json()) as Record<string, unknown>;
        if (response.ok) {
            return answer;
        }
        const code = response.headers.get("x-amzn-errortype");
        if (code === "ResourceNotFoundException") {
            return undefined;
        }
        // The wording of aws-sdk-go-v2.
        throw new Error(
            `operation error DLM: ${operation}, https response error StatusCode: ${response.status}, ` +
                `api error ${code}: ${String(answer["Message"])}`,
        );
    }
}

/** Runs the enabled policies of the servers' region once, as Data Lifecycle Manager does when their time has come. */
export async function runBackups({
    ec2Endpoint,
    region,
}: Pick<Servers, "ec2Endpoint" | "region">): Promise<void> {
    const response = await fetch(`${ec2Endpoint}/sandbox/backups?region=${region}`, { method: "POST" });
    if (!response.ok) {
        throw new Error(`the sandbox's backups failed: ${await response.text()}`);
    }
}
