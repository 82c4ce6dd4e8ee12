import type { EC2Client } from "@aws-sdk/client-ec2";
import { awsRequest } from "../ec2/awsRequest";

/** Id of the account. terraform-provider-aws reads it from STS first. */
export async function callerAccount(client: EC2Client): Promise<string> {
    const response = await awsRequest(client, {
        service: "sts",
        method: "POST",
        body: new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" }),
    });
    const text = await response.text();
    const [, account] = /<Account>(\d+)<\/Account>/.exec(text) ?? [];
    if (account === undefined) {
        throw new Error(`retrieving AWS account: sts:GetCallerIdentity: ${response.status} ${text}`);
    }
    return account;
}
