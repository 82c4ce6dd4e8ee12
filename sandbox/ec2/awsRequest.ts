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
    const headers = {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    };
    return retried(() => fetch(`${protocol}//${hostname}:${port}${path}`, { method, body, headers }));
}

/** As often as the clients of EC2 try: AWS' SDKs wait out what is no answer, or one of a server in trouble. */
async function retried(request: () => Promise<Response>, attemptsLeft = 4): Promise<Response> {
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
    return retried(request, attemptsLeft - 1);
}
