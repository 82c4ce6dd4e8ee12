/** A call to EC2 or another AWS service. */
export interface RecordedCall {
    /** Such as ec2 or sts. */
    service: string;
    region: string;
    /** Such as DescribeInstances. */
    action: string;
    /** Parameters in their sent form, such as `Filter.1.Name`, without Action and Version. */
    parameters: Record<string, string>;
}

/** A running recording. */
export interface Recording {
    /** Ends it, and returns the calls in order. */
    stop(): Promise<RecordedCall[]>;
}

interface Entry {
    headers: Record<string, string>;
    body: string;
}

/**
 * Starts to record calls to the sandbox's EC2. There is one recording at a time: a new one replaces it.
 */
export async function recordCalls(ec2Endpoint: string): Promise<Recording> {
    const recorder = async (action: string): Promise<string> => {
        const response = await fetch(`${ec2Endpoint}/moto-api/recorder/${action}`, { method: "POST" });
        if (!response.ok) {
            throw new Error(`${action} of the sandbox's EC2 answered ${response.status}`);
        }
        return response.text();
    };
    await recorder("reset-recording");
    await recorder("start-recording");
    return {
        stop: async () => {
            await recorder("stop-recording");
            const lines = (await recorder("download-recording")).split("\n").filter((line) => line !== "");
            return lines.map((line) => callOf(JSON.parse(line) as Entry));
        },
    };
}

function callOf({ headers, body }: Entry): RecordedCall {
    const { Action: action = "", ...parameters } = Object.fromEntries(
        new URLSearchParams(Buffer.from(body, "base64").toString("utf8")),
    );
    delete parameters["Version"];
    const authorization = headers["Authorization"] ?? "";
    const [, region = "", service = ""] =
        /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization) ?? [];
    return { service, region, action, parameters };
}
