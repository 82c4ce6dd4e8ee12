import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { volumeTags } from "../../../components/plan/tags";
import { grouped } from "../../../tools/inspect/grouped";
import { clusterName, diskAt } from "./contents";
import type { Amounts } from "./contents";

/** EC2 with volumes and snapshots, in pages and as strict as the real one about them. */
export interface Ec2Server {
    readonly address: string;
    /** Actions, in order. */
    readonly requests: readonly string[];
    stop(): void;
}

/** Most values of a filter: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html. */
const filterValues = 200;

/** Starts the server. */
export async function startEc2Server({ disks }: Amounts): Promise<Ec2Server> {
    const requests: string[] = [];
    const all = Array.from({ length: disks }, (_, index) => diskAt(index));
    const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const form = new URLSearchParams(Buffer.concat(chunks).toString());
            const action = form.get("Action") ?? "";
            requests.push(action);
            const refuse = (code: string) => {
                response.writeHead(400, { "Content-Type": "text/xml" });
                response.end(
                    `<Response><Errors><Error><Code>${code}</Code><Message>${code}</Message></Error></Errors><RequestID>1</RequestID></Response>`,
                );
            };
            const wanted = [...form].filter(([key]) => /^Filter\.\d+\.Value\.\d+$/.test(key));
            const perFilter = grouped(wanted, ([key]) => key.split(".")[1] ?? "");
            const most = Number(form.get("MaxResults") ?? disks);
            const limit = action === "DescribeVolumes" ? 500 : 1000;
            if (!/^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? "")) {
                refuse("AuthFailure");
                return;
            }
            if (["ListVolumesInRecycleBin", "ListSnapshotsInRecycleBin"].includes(action)) {
                response.writeHead(200, { "Content-Type": "text/xml" });
                response.end(`<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>`);
                return;
            }
            if (!["DescribeVolumes", "DescribeSnapshots"].includes(action)) {
                refuse("InvalidAction");
                return;
            }
            if (perFilter.some(([, values]) => values.length > filterValues)) {
                refuse("FilterLimitExceeded");
                return;
            }
            if (form.has("MaxResults") && (most < 5 || most > limit)) {
                refuse("InvalidParameterValue");
                return;
            }
            const values = new Set(wanted.map(([, value]) => value));
            const found = all.filter(({ volumeId }) => values.has(volumeId) || values.has(clusterName));
            const start = Number(form.get("NextToken") ?? 0);
            const page = found.slice(start, start + most);
            const next = start + most < found.length ? `<nextToken>${start + most}</nextToken>` : "";
            response.writeHead(200, { "Content-Type": "text/xml" });
            response.end(
                action === "DescribeVolumes"
                    ? `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet>${page.map(volume).join("")}</volumeSet>${next}</DescribeVolumesResponse>`
                    : `<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><snapshotSet>${page.map(snapshot).join("")}</snapshotSet>${next}</DescribeSnapshotsResponse>`,
            );
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
        address: `http://127.0.0.1:${port}`,
        requests,
        stop: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}

function volume({ volumeId, zone, name }: ReturnType<typeof diskAt>): string {
    const tags = Object.entries(volumeTags(clusterName, name)).map(
        ([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`,
    );
    return `<item><volumeId>${volumeId}</volumeId><size>100</size><availabilityZone>${zone}</availabilityZone><status>in-use</status><createTime>2026-11-20T10:00:00.000Z</createTime><volumeType>gp3</volumeType><iops>3000</iops><throughput>125</throughput><encrypted>true</encrypted><attachmentSet><item><volumeId>${volumeId}</volumeId><instanceId>i-0123456789abcdef0</instanceId><device>/dev/xvdba</device><status>attached</status></item></attachmentSet><tagSet>${tags.join("")}</tagSet></item>`;
}

function snapshot({ volumeId }: ReturnType<typeof diskAt>): string {
    return `<item><snapshotId>${volumeId.replace("vol", "snap")}</snapshotId><volumeId>${volumeId}</volumeId><status>completed</status><startTime>2026-11-21T03:08:00.000Z</startTime><progress>100%</progress><volumeSize>100</volumeSize></item>`;
}
