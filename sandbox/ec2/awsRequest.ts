import type { EC2Client } from "@aws-sdk/client-ec2";

/** A request to a service of the sandbox's AWS. */
export interface AwsRequest {
    /** As signatures name it, such as sts. */
    readonly service: string;
    readonly method: string;
    /** With the query. Defaults to /. */
    readonly path?: string;
    readonly body?: string | URLSearchParams;
}

/** Sends a request where a client of EC2 sends its own, for services whose clients the project has no other use for. */
export async function awsRequest(
    { config }: EC2Client,
    { service, method, path = "/", body }: AwsRequest,
): Promise<Response> {
    if (!config.endpoint) {
        throw new Error("the sandbox's AWS needs an endpoint");
    }
    const { protocol, hostname, port } = await config.endpoint();
    const { accessKeyId } = await config.credentials();
    // The sandbox's AWS finds service, region and account in the header and checks no signature.
    const scope = `${accessKeyId}/20260101/${await config.region()}/${service}/aws4_request`;
    return fetch(`${protocol}//${hostname}:${port}${path}`, {
        method,
        body,
        headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        },
    });
}
