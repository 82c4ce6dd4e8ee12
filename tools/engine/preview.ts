import { childTypes, isVolumeType } from "../../components/engine/resourceTypes";
import { refuse } from "../terminal/confirm";
import type { CommandResult, Pulumi } from "./pulumi";
import { errorOf } from "./pulumi";

/** An object of the cluster that the next update creates. */
export interface PlannedObject {
    readonly urn: string;
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    /** The EBS volume of a PersistentVolume, if it exists already. */
    readonly volumeId?: string;
    /** The PersistentVolume of a claim. */
    readonly persistentVolumeName?: string;
}

/** An EBS volume with the program's settings. */
export interface PlannedVolume {
    readonly type: string;
    readonly urn: string;
    readonly parent?: string;
    readonly provider?: string;
    readonly zone?: string;
    readonly sizeGiB?: number;
    readonly isEncrypted?: boolean;
    readonly kmsKeyId?: string;
    readonly snapshotId?: string;
    /** The volume that it is to be a copy of. */
    readonly sourceVolumeId?: string;
    /** Its region, if that is named and not the provider's. */
    readonly region?: string;
    readonly tags: Readonly<Record<string, string>>;
}

/** A snapshot with the program's settings. */
export interface PlannedSnapshot extends Pick<PlannedVolume, "urn" | "region" | "tags"> {
    /** Whether it is a copy of another snapshot, and not one of a volume. */
    readonly isCopy: boolean;
    /** Its volume; undefined where that is a secret. */
    readonly volumeId?: string;
    readonly description?: string;
}

/** Steps of the next update. */
export interface Preview {
    readonly steps: readonly PlannedStep[];
    /** Resources that it creates. */
    readonly created: readonly Goal[];
    /** Such as `create Volume data-0`. */
    readonly changes: readonly string[];
    readonly objects: readonly PlannedObject[];
    readonly volumes: readonly PlannedVolume[];
    /** URNs of the volumes that it changes. */
    readonly updatedVolumes: readonly string[];
    /** The error of a failed preview. */
    readonly problem?: string;
}

/** A step of the next update that changes something. */
export interface PlannedStep {
    /** The engine's operation: create, update, replace, delete and so on. */
    readonly op: string;
    readonly urn: string;
    readonly parent?: string;
    /** Whether it only groups resources. */
    readonly isComponent: boolean;
}

/** A resource in the state or in a preview, with its inputs. */
export interface Goal {
    readonly urn: string;
    readonly type: string;
    /** False for components. */
    readonly custom?: boolean;
    readonly parent?: string;
    readonly provider?: string;
    readonly inputs?: Inputs;
}

interface Inputs {
    readonly apiVersion?: unknown;
    readonly kind?: unknown;
    readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
    readonly spec?: { readonly csi?: { readonly volumeHandle?: unknown }; readonly volumeName?: unknown };
    readonly availabilityZone?: unknown;
    readonly size?: unknown;
    readonly encrypted?: unknown;
    readonly kmsKeyId?: unknown;
    readonly snapshotId?: unknown;
    readonly sourceVolumeId?: unknown;
    readonly volumeId?: unknown;
    readonly description?: unknown;
    readonly region?: unknown;
    readonly tags?: Readonly<Record<string, unknown>>;
}

interface Printed {
    readonly steps?: readonly {
        readonly op: string;
        readonly urn: string;
        readonly newState?: Goal;
        readonly oldState?: Goal;
    }[];
    readonly diagnostics?: readonly { readonly message: string; readonly severity: string }[];
}

/** Stands for a value that isn't known yet (sdk/go/common/resource/plugin/rpc.go, UnknownStringValue). */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unchanging = ["same", "read", "refresh"];

/**
 * Reads the output of `pulumi preview --json`.
 *
 * @param deleted - URNs of objects that were deleted to be created again, and that don't exist yet.
 */
export function readPreview(answer: CommandResult, deleted: ReadonlySet<string> = new Set()): Preview {
    const printed = parse(answer.stdout);
    const steps = (printed?.steps ?? []).filter(({ op }) => !unchanging.includes(op));
    const made = steps
        .filter(({ op, urn }) => op === "create" || (op === "replace" && deleted.has(urn)))
        .flatMap(({ newState }) => newState ?? []);
    const errors = (printed?.diagnostics ?? []).filter(({ severity }) => severity === "error");
    const said = errors.map(({ message }) => message.replace(/^error: /, "").trim()).join("\n");
    return {
        steps: steps.map(({ op, urn, newState, oldState }) => ({
            op,
            urn,
            parent: (newState ?? oldState)?.parent,
            isComponent: (newState ?? oldState)?.custom === false,
        })),
        created: made,
        changes: steps.filter(({ urn }) => /^(aws|kubernetes):/.test(typeOf(urn))).map(stepText),
        objects: made.flatMap((goal) => plannedObject(goal) ?? []),
        volumes: made.filter(({ type }) => isVolumeType(type)).map(plannedVolume),
        updatedVolumes: steps
            .filter(({ op, urn }) => op === "update" && isVolumeType(typeOf(urn)))
            .map(({ urn }) => urn),
        problem: answer.code === 0 ? undefined : said || errorOf(answer),
    };
}

/** The volume of a resource's inputs. */
export function plannedVolume({ type, urn, parent, provider, inputs = {} }: Goal): PlannedVolume {
    const { availabilityZone, size, encrypted, kmsKeyId, snapshotId, sourceVolumeId } = inputs;
    return {
        type,
        urn,
        parent,
        provider,
        zone: text(availabilityZone),
        sizeGiB: typeof size === "number" ? size : undefined,
        isEncrypted: typeof encrypted === "boolean" ? encrypted : undefined,
        kmsKeyId: text(kmsKeyId),
        snapshotId: text(snapshotId),
        sourceVolumeId: text(sourceVolumeId),
        ...placeOf(inputs),
    };
}

/** The snapshot of a resource's inputs. */
export function plannedSnapshot({ type, urn, inputs = {} }: Goal): PlannedSnapshot {
    return {
        urn,
        isCopy: type === childTypes.snapshotCopy,
        volumeId: text(inputs.volumeId),
        description: text(inputs.description),
        ...placeOf(inputs),
    };
}

function placeOf({ region, tags = {} }: Inputs): Pick<PlannedVolume, "region" | "tags"> {
    return {
        region: text(region),
        tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])),
    };
}

/** The object of a resource's inputs; undefined for resources outside the cluster. */
export function plannedObject({ urn, type, inputs = {} }: Goal): PlannedObject | undefined {
    const { apiVersion, kind, metadata, spec } = inputs;
    const [name, version, what] = [metadata?.name, apiVersion, kind].map(text);
    if (
        !type.startsWith("kubernetes:") ||
        name === undefined ||
        version === undefined ||
        what === undefined
    ) {
        return undefined;
    }
    return {
        urn,
        apiVersion: version,
        kind: what,
        namespace: text(metadata?.namespace),
        name,
        volumeId: text(spec?.csi?.volumeHandle),
        persistentVolumeName: text(spec?.volumeName),
    };
}

/**
 * A preview of the next update.
 *
 * @throws Error if it fails.
 */
export async function previewOrThrow(pulumi: Pulumi): Promise<Preview> {
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    refuse(preview.problem && `pulumi preview failed: ${preview.problem}`);
    return preview;
}

/** A step for people, such as `create Volume data-0`. */
export function stepText({ op, urn }: Pick<PlannedStep, "op" | "urn">): string {
    return `${op} ${typeOf(urn).split(":").at(-1)} ${nameOf(urn)}`;
}

/** The last part of a URN: the resource's name. */
export function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}

/** The type of a URN's resource. */
export function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function parse(stdout: string): Printed | undefined {
    try {
        return JSON.parse(stdout) as Printed;
    } catch {
        return undefined;
    }
}

function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" && value !== unknown ? value : undefined;
}
