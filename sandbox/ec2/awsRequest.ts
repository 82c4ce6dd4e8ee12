import type { EC2Client } from "@aws-sdk/client-ec2";

/** A request to a service of the sandbox's AWS. */
export interface AwsRequest {
    /** Name in signatures, such as sts. */
    readonly service: string;
    readonly method: string;
    /** With the query. Defaults to /. */
    readonly path?: string;
    readonly body?: string | URLSearchParams;
}

/** Sends a request to the endpoint of an EC2 client, for services without a client in this project. */
export async function awsRequest(
    { config }: EC2Client,
    { service, method, path = "/", body }: AwsRequest,
): Promise<Response> {
    if (!config.endpoint) {
        throw new Error("the sandbox's AWS needs an endpoint");
    }
    const { protocol, hostname, port } = await config.endpoint();
    const { accessKeyId } = await config.credentials();
    // The sandbox's AWS reads service, region and account in the header, and checks no signature.
    const scope = `${accessKeyId}/20260101/${await config.region()}/${service}/aws4_request`;
    const headers = {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    };
    return withRetries(() => fetch(`${protocol}//${hostname}:${port}${path}`, { method, body, headers }));
}

/** Retries like AWS' SDKs: without an answer, or after a server error. */
async function withRetries(request: () => Promise<Response>, attemptsLeft = 4): Promise<Response> {
    const response = await request().catch((error: unknown) => {
        if (attemptsLeft === 0) {
            throw error;
        }
        return undefined;
    });
    if (response && (response.status < 500 || attemptsLeft === 0)) {
        return response;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    return withRetries(request, attemptsLeft - 1);
}
