import type {
    Policies,
    PolicyResource,
    ReportViolation,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";

/** A copy has the encryption of its source, which the resource doesn't show. */
const volumeTypes = ["aws:ebs/volume:Volume", "aws:ebs/volumeCopy:VolumeCopy"];
const persistentVolumeType = "kubernetes:core/v1:PersistentVolume";
const zoneKey = "topology.kubernetes.io/zone";

/** Properties of a PersistentVolume. */
interface PersistentVolumeProps {
    readonly spec?: {
        readonly persistentVolumeReclaimPolicy?: string;
        readonly nodeAffinity?: {
            readonly required?: {
                readonly nodeSelectorTerms?: readonly {
                    readonly matchExpressions?: readonly {
                        readonly key?: string;
                        readonly operator?: string;
                        readonly values?: readonly string[];
                    }[];
                }[];
            };
        };
    };
}

/** A policy for single resources. */
function resourcePolicy(
    name: string,
    description: string,
    violation: (type: string, props: Record<string, unknown>) => string | undefined,
): ResourceValidationPolicy {
    return {
        name,
        description,
        validateResource: ({ type, props }, report) => reportViolation(report, violation(type, props)),
    };
}

function reportViolation(report: ReportViolation, violation: string | undefined, urn?: string): void {
    if (violation !== undefined) {
        report(violation, urn);
    }
}

const encryption = resourcePolicy("encryption", "EBS volumes are encrypted.", (type, { encrypted }) =>
    type !== volumeTypes[0] || encrypted === true
        ? undefined
        : `volume.encrypted must be true, got ${JSON.stringify(encrypted ?? false)}: remove it, true is the default`,
);

const retain = resourcePolicy("retain", "Kubernetes never deletes a volume.", (type, props) => {
    const policy = (props as PersistentVolumeProps).spec?.persistentVolumeReclaimPolicy;
    return type !== persistentVolumeType || policy === "Retain"
        ? undefined
        : `spec.persistentVolumeReclaimPolicy must be Retain, got ${String(policy)}`;
});

const privateSnapshots = resourcePolicy(
    "no-public-snapshot",
    "Snapshots and images are shared with accounts, never with everyone.",
    (type, { accountId, group, state }) => {
        switch (type) {
            case "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission":
                return /^\d{12}$/.test(String(accountId))
                    ? undefined
                    : `accountId must be one account's, 12 digits, got ${String(accountId)}`;
            case "aws:ec2/amiLaunchPermission:AmiLaunchPermission":
                return group === undefined
                    ? undefined
                    : `group must be left out, got ${JSON.stringify(group)}: it makes the image public`;
            case "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess":
                return state === "unblocked"
                    ? "state must be block-all-sharing or block-new-sharing, got unblocked"
                    : undefined;
            default:
                return undefined;
        }
    },
);

const protect: ResourceValidationPolicy = {
    name: "protect",
    description: "In production, Pulumi refuses to delete or replace a volume.",
    configSchema: {
        properties: {
            stacks: { type: "array", items: { type: "string" }, default: ["prod", "production"] },
        },
    },
    validateResource: (args, report) => {
        const [stack = ""] = args.urn.replace(/^urn:pulumi:/, "").split("::");
        const { stacks = ["prod", "production"] } = args.getConfig<{ stacks?: string[] }>();
        if (volumeTypes.includes(args.type) && stacks.includes(stack) && !args.opts.protect) {
            report(`protect must be true in stack ${stack}: remove it, true is the default`);
        }
    },
};

const zone: StackValidationPolicy = {
    name: "zone",
    description: "A PersistentVolume's pods go to one zone, the one that its volume is in.",
    validateStack: ({ resources }, report) =>
        resources
            .filter(({ type }) => type === persistentVolumeType)
            .forEach((one) => reportViolation(report, zoneViolation(one), one.urn)),
};

function zoneViolation({ props, dependencies }: PolicyResource): string | undefined {
    const { spec } = props as PersistentVolumeProps;
    const expressions = (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).map(
        ({ matchExpressions = [] }) => matchExpressions.filter(({ key }) => key === zoneKey),
    );
    const [affinity] = expressions[0] ?? [];
    const [zone] = affinity?.values ?? [];
    // Terms are alternatives: each of them allows nodes.
    if (expressions.length !== 1 || affinity?.operator !== "In" || affinity.values?.length !== 1) {
        return `spec.nodeAffinity must name one zone, got ${JSON.stringify(spec?.nodeAffinity)}`;
    }
    const volumes = dependencies.filter(({ type }) => volumeTypes.includes(type));
    const actual = volumes.length === 1 ? (volumes[0]?.props.availabilityZone as string) : zone;
    return zone === actual
        ? undefined
        : `spec.nodeAffinity must name the volume's zone ${actual}, got ${String(zone)}`;
}

/** All policies. */
export const policies: Policies = [encryption, retain, zone, protect, privateSnapshots];
