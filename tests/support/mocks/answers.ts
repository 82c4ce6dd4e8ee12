/** The mocked account and cluster. */
export interface World {
    /** The provider's region. */
    readonly region?: string;
    /** The region's zones, in the order of EC2's answer. */
    readonly zones?: readonly string[];
    /** Zones that are only in answers without a filter for the type availability-zone. */
    readonly localZones?: readonly string[];
    /** Ids of zones, by name. */
    readonly zoneIds?: Readonly<Record<string, string>>;
    readonly instances?: readonly MockInstance[];
    /** Existing EBS volumes, by id. */
    readonly volumes?: Readonly<
        Record<
            string,
            {
                availabilityZone: string;
                size: number;
                snapshotId?: string;
                encrypted?: boolean;
                kmsKeyId?: string;
                tags: Record<string, string>;
            }
        >
    >;
    /** The newest snapshot of volumes, by the volume's id. */
    readonly snapshots?: Readonly<Record<string, string>>;
    /** Ids of volumes and of complete snapshots, the newest first, by the PersistentVolume that they were made for. */
    readonly madeFor?: Readonly<Record<string, readonly string[]>>;
    /** Snapshots by their ids: when they were begun, of which volume, and its size in GiB. */
    readonly snapshotDetails?: Readonly<
        Record<string, { startTime: string; volumeId: string; volumeSize: number }>
    >;
    /** The last volume that was made for a PersistentVolume, by its name. */
    readonly lastMadeFor?: Readonly<Record<string, { volumeId: string; createTime: string }>>;
    /** Ids of volumes that are attached. */
    readonly attached?: readonly string[];
    /** The same, with the instances' ids. */
    readonly attachedTo?: Readonly<Record<string, string>>;
    /** Keys of a volume's tags that the provider hides, by the volume's id. */
    readonly hiddenTags?: Readonly<Record<string, readonly string[]>>;
    /** False for an AWS provider whose settings are unknown, so that it can't be called. */
    readonly configured?: boolean;
    /** Error of every call. */
    readonly unreachable?: string;
    /** Error of every call for instances. */
    readonly denied?: string;
    /** Other regions, for calls that name one. */
    readonly regions?: Readonly<Record<string, World>>;
    /** Other accounts, by name of the called provider. */
    readonly accounts?: Readonly<Record<string, World>>;
}

/** An instance of the mocked account. */
export interface MockInstance {
    readonly id: string;
    readonly zone: string;
    readonly state: string;
    /** Name of its security group. */
    readonly group?: string;
    readonly groupId?: string;
    readonly vpcId?: string;
    readonly tags?: Readonly<Record<string, string>>;
}

/** Inputs of a provider's function that asks AWS. */
export interface Query {
    readonly region?: string;
    readonly filters?: readonly { name: string; values: readonly string[] }[];
    readonly instanceStateNames?: readonly string[];
}

/** The account and region that a call is for. */
export function worldOf(world: World, { region }: Query, provider: string | undefined): World {
    const [, account = ""] = /pulumi:providers:aws::([^:]+)::/.exec(provider ?? "") ?? [];
    const own = world.accounts?.[account] ?? world;
    return region === undefined ? own : { ...(own.regions?.[region] ?? own), region };
}

/**
 * The answer of a provider's function.
 *
 * @throws Error for a function that the mocks don't have, or as the gRPC client does if AWS can't be asked.
 */
export function answer(token: string, query: Query, world: World): Record<string, unknown> {
    if (world.unreachable !== undefined) {
        throw new GrpcError(world.unreachable);
    }
    if (world.configured === false) {
        return {};
    }
    const { region: id = "eu-west-1", zones = [], localZones = [], zoneIds = {} } = world;
    switch (token) {
        case "aws:index/getAvailabilityZones:getAvailabilityZones": {
            const names = query.filters?.length ? zones : [...zones, ...localZones];
            return { id, names, zoneIds: names.map((name) => zoneIds[name] ?? `id-of-${name}`) };
        }
        case "aws:ec2/getInstances:getInstances":
            if (world.denied !== undefined) {
                throw new GrpcError(world.denied);
            }
            return { id, ids: matching(query, world) };
        case "aws:ebs/getVolume:getVolume": {
            const id = query.filters?.find(({ name }) => name === "volume-id")?.values[0] ?? "";
            const volume = world.volumes?.[id] ?? world.lastMadeFor?.[createdForIn(query)[0] ?? ""];
            if (!volume) {
                throw new GrpcError("no matching EC2 EBS Volume found");
            }
            return { id, volumeId: id, ...volume };
        }
        case "aws:ebs/getSnapshotIds:getSnapshotIds":
            return { id, ids: madeFor(query, world) };
        case "aws:ebs/getSnapshot:getSnapshot": {
            const valueOf = (filter: string) =>
                query.filters?.find(({ name }) => name === filter)?.values[0] ?? "";
            const details = world.snapshotDetails?.[valueOf("snapshot-id")];
            if (details) {
                return { ...details, snapshotId: valueOf("snapshot-id") };
            }
            const volumeId = valueOf("volume-id");
            const snapshotId = world.snapshots?.[volumeId];
            if (snapshotId === undefined) {
                throw new GrpcError("no matching EC2 EBS Snapshot found");
            }
            return { id: snapshotId, snapshotId, volumeId, ...world.snapshotDetails?.[snapshotId] };
        }
        case "aws:ebs/getEbsVolumes:getEbsVolumes": {
            const volumeIds = query.filters?.find(({ name }) => name === "volume-id")?.values ?? [];
            if (createdForIn(query).length > 0) {
                return { id, ids: madeFor(query, world) };
            }
            const keys = query.filters?.find(({ name }) => name === "tag-key")?.values;
            if (keys) {
                const hidden = world.hiddenTags ?? {};
                return { id, ids: volumeIds.filter((one) => hidden[one]?.some((key) => keys.includes(key))) };
            }
            const instances = query.filters?.find(({ name }) => name === "attachment.instance-id")?.values;
            const isAttached = (one: string) => {
                const instance = world.attachedTo?.[one];
                return instance === undefined
                    ? world.attached?.includes(one)
                    : (instances?.includes(instance) ?? true);
            };
            return { id, ids: volumeIds.filter(isAttached) };
        }
        default:
            throw new Error(`the mocks have no function ${token}`);
    }
}

const createdFor = "tag:kubernetes.io/created-for/pv/name";

function createdForIn({ filters = [] }: Query): readonly string[] {
    return filters.find(({ name }) => name === createdFor)?.values ?? [];
}

function madeFor(query: Query, world: World): string[] {
    return createdForIn(query).flatMap((name) => world.madeFor?.[name] ?? []);
}

function matching(
    { filters = [], instanceStateNames = ["running"] }: Query,
    { instances = [] }: World,
): string[] {
    return instances
        .filter(({ state }) => instanceStateNames.includes(state))
        .filter((instance) =>
            filters.every(({ name, values }) => fieldsOf(name, instance).some((one) => values.includes(one))),
        )
        .map(({ id }) => id);
}

/** Values of an instance for a filter. */
function fieldsOf(filter: string, { zone, group, groupId, vpcId, tags = {} }: MockInstance): string[] {
    const [, key] = /^tag:(.*)$/.exec(filter) ?? [];
    const given = (value: string | undefined) => (value === undefined ? [] : [value]);
    switch (filter) {
        case "availability-zone":
            return [zone];
        case "instance.group-name":
            return given(group);
        case "instance.group-id":
            return given(groupId);
        case "vpc-id":
            return given(vpcId);
        case "tag-key":
            return Object.keys(tags);
        default:
            if (key === undefined) {
                throw new Error(`the mocks have no filter ${filter}`);
            }
            return given(tags[key]);
    }
}

/** An error of the gRPC client: the SDK reads its details. */
class GrpcError extends Error {
    public constructor(public readonly details: string) {
        super();
    }
}
