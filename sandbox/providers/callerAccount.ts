import type { EC2Client } from "@aws-sdk/client-ec2";

/** Id of the account, which terraform-provider-aws asks STS for before all else. */
export async function callerAccount({ config }: EC2Client): Promise<string> {
    if (!config.endpoint) {
        throw new Error("the sandbox's AWS needs an endpoint");
    }
    const { protocol, hostname, port } = await config.endpoint();
    const { accessKeyId } = await config.credentials();
    // moto finds the service and the account in the header and checks no signature.
    const scope = `${accessKeyId}/20260101/${await config.region()}/sts/aws4_request`;
    const response = await fetch(`${protocol}//${hostname}:${port}/`, {
        method: "POST",
        body: new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" }),
        headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        },
    });
    const text = await response.text();
    const [, account] = /<Account>(\d+)<\/Account>/.exec(text) ?? [];
    if (account === undefined) {
        throw new Error(`retrieving AWS account: sts:GetCallerIdentity: ${response.status} ${text}`);
    }
    return account;
}
