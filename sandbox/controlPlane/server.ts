import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import * as path from "node:path";
import { stringify } from "yaml";
import type { ProcessGroup } from "../processes";
import type { ControlPlaneProgram } from "./build";

/** Without the node lifecycle controller, which taints nodes without a kubelet. */
const controllers = [
    "cronjob-controller",
    "deployment-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "persistentvolume-binder-controller",
    "persistentvolume-expander-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
    "replicaset-controller",
    "statefulset-controller",
];

/** Post-start hooks that wait a second at first. The administrator needs neither. */
const slowHooks = ["rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes"]
    .map((name) => `exclude=poststarthook/${name}`)
    .join("&");

/** Time limit for the start of each server: many times what a slow machine needs. */
const startupTimeoutSeconds = 90;

/**
 * Starts a cluster's control plane on 127.0.0.1, and waits until all of its programs are ready.
 *
 * @param programs - Directory of the programs.
 * @param directory - The sandbox's folder.
 * @returns The path of a kubeconfig for its administrator.
 */
export async function startControlPlane(
    group: ProcessGroup,
    programs: string,
    directory: string,
): Promise<string> {
    const start = (name: ControlPlaneProgram, args: readonly string[]) =>
        group.start({ name, command: path.join(programs, name), args });
    const hasLogged = (name: ControlPlaneProgram, text: string) =>
        group.waitUntil(name, () => group.logHas(name, text), startupTimeoutSeconds);
    const kubeconfig = path.join(directory, "kubeconfig");

    await group.withFreePorts(3, async (ports) => {
        const [etcd, etcdPeers, apiServer] = ports.map((port) => `127.0.0.1:${port}`) as [
            string,
            string,
            string,
        ];
        await Promise.all(
            ["etcd", "certificates"].map((name) =>
                rm(path.join(directory, name), { recursive: true, force: true }),
            ),
        );
        await start("etcd", etcdArgs(`http://${etcd}`, `http://${etcdPeers}`));
        // An API server that finds no etcd retries only after a second.
        await hasLogged("etcd", "ready to serve client requests");

        const token = randomBytes(24).toString("hex");
        await writeCredentials(directory, token);
        await start("kube-apiserver", apiServerArgs(`http://${etcd}`, apiServer));
        const api = new ApiServer(
            `https://${apiServer}`,
            path.join(directory, "certificates/apiserver.crt"),
            token,
        );
        await group.waitUntil(
            "kube-apiserver",
            () => api.answers("ok", `/readyz?${slowHooks}`),
            startupTimeoutSeconds,
        );
        await writeFile(kubeconfig, stringify(await api.kubeconfig()), { mode: 0o600 });

        await start("kwok", [`--kubeconfig=${kubeconfig}`]);
        // The other programs would fail before this, and retry only after a second.
        await group.waitUntil("kube-apiserver", () => api.answers("ok", "/readyz"), startupTimeoutSeconds);
        const common = [
            `--kubeconfig=${kubeconfig}`,
            "--leader-elect=false",
            "--secure-port=0",
            "--profiling=false",
        ];
        await start("kube-controller-manager", [...common, `--controllers=${controllers.join(",")}`]);
        await start("kube-scheduler", common);
    });
    await hasLogged("kwok", "watching all nodes");
    await hasLogged("kube-controller-manager", "Caches are synced");
    await hasLogged("kube-scheduler", "Starting Kubernetes Scheduler");
    return kubeconfig;
}

/** A short election timeout: a single member elects itself only after it. */
function etcdArgs(clients: string, peers: string): string[] {
    return [
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        "--heartbeat-interval=20",
        "--election-timeout=100",
        `--listen-client-urls=${clients}`,
        `--advertise-client-urls=${clients}`,
        `--listen-peer-urls=${peers}`,
        `--initial-advertise-peer-urls=${peers}`,
        `--initial-cluster=default=${peers}`,
    ];
}

/** Without two admission plugins: one needs a token for every pod, the other taints nodes until a controller removes it. */
function apiServerArgs(etcd: string, address: string): string[] {
    const [host, port] = address.split(":");
    return [
        `--etcd-servers=${etcd}`,
        `--bind-address=${host}`,
        `--secure-port=${port}`,
        "--cert-dir=certificates",
        "--token-auth-file=tokens.csv",
        "--anonymous-auth=false",
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        "--endpoint-reconciler-type=none",
        "--profiling=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=service-account.key",
        "--service-account-signing-key-file=service-account.key",
        "--service-cluster-ip-range=10.96.0.0/16",
    ];
}

async function writeCredentials(directory: string, token: string): Promise<void> {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const files = {
        "tokens.csv": `${token},administrator,administrator,"system:masters"\n`,
        "service-account.key": privateKey.export({ type: "sec1", format: "pem" }),
    };
    for (const [name, content] of Object.entries(files)) {
        await writeFile(path.join(directory, name), content, { mode: 0o600 });
    }
}

/** The API server's administrator. */
class ApiServer {
    public constructor(
        private readonly address: string,
        private readonly certificateFile: string,
        private readonly token: string,
    ) {}

    /** Whether the API server answers a request with that text; false if it doesn't answer. */
    public async answers(text: string, request: string): Promise<boolean> {
        try {
            const options = {
                ca: await readFile(this.certificateFile),
                headers: { Authorization: `Bearer ${this.token}` },
                agent: false as const,
            };
            return (await bodyOf(`${this.address}${request}`, options)) === text;
        } catch {
            return false;
        }
    }

    public async kubeconfig(): Promise<object> {
        const certificate = await readFile(this.certificateFile, "base64");
        const name = "sandbox";
        return {
            apiVersion: "v1",
            kind: "Config",
            clusters: [
                { name, cluster: { server: this.address, "certificate-authority-data": certificate } },
            ],
            users: [{ name, user: { token: this.token } }],
            contexts: [{ name, context: { cluster: name, user: name } }],
            "current-context": name,
        };
    }
}

function bodyOf(url: string, options: Parameters<typeof get>[1]): Promise<string> {
    return new Promise((resolve, reject) => {
        get(url, options, (response) => {
            let body = "";
            response.setEncoding("utf8").on("data", (text: string) => (body += text));
            response.on("end", () => resolve(body)).on("error", reject);
        }).on("error", reject);
    });
}
