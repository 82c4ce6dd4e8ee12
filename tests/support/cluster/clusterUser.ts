import { AuthorizationV1Api, CoreV1Api, RbacAuthorizationV1Api } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { clusterRoleOf, kinds } from "../../../permissions/rbacRights";
import type { KindRights } from "../../../permissions/rbacRights";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";

const [name, namespace] = ["storage", "default"];

/** A user of a sandbox's cluster with limited rights. */
export class ClusterUser {
    /** Rights that the user has, or may have had. */
    private granted: readonly KindRights[] = kinds;

    private constructor(
        private readonly rbac: RbacAuthorizationV1Api,
        private readonly authorization: AuthorizationV1Api,
        /** The token of the user's ServiceAccount. */
        public readonly token: string,
        /** The user's kubeconfig. */
        public readonly kubeconfig: string,
    ) {}

    /** Creates a user without rights. */
    public static async of(servers: Pick<Servers, "kubeconfig">): Promise<ClusterUser> {
        const config = kubeConfig(servers);
        const [core, rbac] = [config.makeApiClient(CoreV1Api), config.makeApiClient(RbacAuthorizationV1Api)];
        await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
        const { status } = await core.createNamespacedServiceAccountToken({
            name,
            namespace,
            body: { spec: { audiences: ["https://kubernetes.default.svc"], expirationSeconds: 3600 } },
        });
        const role = clusterRoleOf([]);
        await rbac.createClusterRole({ body: role });
        await rbac.createClusterRoleBinding({
            body: {
                metadata: { name },
                roleRef: {
                    apiGroup: "rbac.authorization.k8s.io",
                    kind: "ClusterRole",
                    name: role.metadata.name,
                },
                subjects: [{ kind: "ServiceAccount", name, namespace }],
            },
        });
        const token = status?.token ?? "";
        const settings = parse(await readFile(servers.kubeconfig, "utf8")) as { users: object[] };
        const users = [{ name: "sandbox", user: { token } }];
        return new ClusterUser(
            rbac,
            config.makeApiClient(AuthorizationV1Api),
            token,
            stringify({ ...settings, users }),
        );
    }

    /** Grants these rights and no others, and waits until the API server applies them. */
    public async allow(rights: readonly KindRights[]): Promise<void> {
        const role = clusterRoleOf(rights);
        await this.rbac.replaceClusterRole({ name: role.metadata.name, body: role });
        this.granted = [...this.granted, ...rights];
        await until(
            async () => ((await this.isHeldTo(rights)) ? true : undefined),
            "the API server to apply the ClusterRole",
            10,
        );
        this.granted = [...kinds, ...rights.filter((one) => !kinds.includes(one))];
    }

    /** Whether the API server's authorizer, which watches roles, has them already. */
    private async isHeldTo(rights: readonly KindRights[]): Promise<boolean> {
        const answers = await Promise.all(
            this.granted.flatMap(({ apiGroup, resource, names, verbs }) =>
                Object.keys(verbs).map(async (verb) => {
                    const wanted = rights.some(
                        (one) => one.apiGroup === apiGroup && one.resource === resource && verb in one.verbs,
                    );
                    const resourceAttributes = { group: apiGroup, resource, verb, name: names?.[0] };
                    const { status } = await this.authorization.createSubjectAccessReview({
                        body: {
                            spec: { user: `system:serviceaccount:${namespace}:${name}`, resourceAttributes },
                        },
                    });
                    return status?.allowed === wanted;
                }),
            ),
        );
        return answers.every(Boolean);
    }
}
