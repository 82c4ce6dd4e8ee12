import { CoreV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import type * as kubernetes from "@pulumi/kubernetes";
import { output } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import type { ZonalPersistentStorageArgs } from "../../components";
import {
    claimManifest,
    claimNamespace,
    dynamicStorageClassManifest,
    persistentVolumeManifest,
    storageClassManifest,
} from "../../components/resources/manifests";
import { disksOf } from "../../components/plan/disks";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { readStorages } from "../../program/config";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { configAsText } from "../../sandbox/engine/program";
import type { Servers } from "../../sandbox/servers";
import { firstStart, startSandbox, storageApi } from "../support/cluster/sandbox";
import { fc } from "../support/chance";

const project = "zonal-persistent-storage";
const runs = 600;

/** Where the check refuses what the API server would take, and why. */
const stricter: [RegExp, string][] = [
    [
        /must consist of lower case letters, digits and hyphens, at most 63 with the ordinal/,
        "as long as a label",
    ],
    [/must be left to the component, which sets it/, "the zone's label is the component's"],
    [/fsType must be one of/, "the driver has no other file systems; Kubernetes doesn't know what it has"],
    [/accessModes.* must be one/, "an EBS volume is attached to one node"],
    [
        /must be left out for volumeMode Block/,
        "a block device has no file system: Kubernetes doesn't look at it",
    ],
    [
        /for access mode ReadWriteMany/,
        "Kubernetes knows neither what file systems lose nor what EC2 attaches",
    ],
    [/mountOptions\.\d+ must be text/, "an option of no characters is none"],
    [/sizeGiB must be between/, "limits are EC2's"],
    [/must not be the name of the storage's own class too/, "a dry run creates neither"],
    [/claims\.(statefulSet|template) must/, "each is a name by itself, a dry run has only both together"],
    [/must name each claim once/, "a dry run creates neither"],
    [/must be a text of printable characters/, "the storage's own name is no object's here"],
];

/** Texts at the edges of what names may be. */
const parts = fc.constantFrom(
    "a",
    "b-c",
    "A",
    "0",
    "_",
    "-",
    ".",
    "/",
    "x.y",
    "ñ",
    " ",
    "",
    "kubernetes.io",
    "\n",
    "é",
);
const long = fc
    .tuple(fc.constantFrom("a", "A", "a.", "é"), fc.constantFrom(61, 62, 63, 64, 126, 127, 252, 253, 254))
    .map(([text, length]) => text.repeat(length).slice(0, length));
const texts = fc.oneof(
    { weight: 4, arbitrary: fc.array(parts, { maxLength: 4 }).map((some) => some.join("")) },
    { weight: 1, arbitrary: long },
    { weight: 1, arbitrary: fc.tuple(long, parts).map(([prefix, name]) => `${prefix}/${name}`) },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
);
const maps = fc.dictionary(texts, texts, { maxKeys: 2 });
const often = <T>(right: T, others: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: others });
const rarely = <T>(others: fc.Arbitrary<T>) => often<T | undefined>(undefined, others);

const namespaces = fc.constantFrom(undefined, "web", "a.b", "A", "-", "a".repeat(63), "a".repeat(64));

/** A storage's settings that Kubernetes gets to see: most of them right, some at the edge. */
const settings = fc.record({
    name: often("data", texts),
    volume: fc.record({ sizeGiB: often(10, fc.constantFrom(0, 1, 1024, 65_536, 65_537)) }),
    persistentVolume: fc.record({
        namePrefix: fc.oneof(fc.constant("disk"), rarely(texts)),
        labels: rarely(maps),
        annotations: rarely(
            fc.oneof(maps, fc.constantFrom({ a: "x".repeat(262_143) }, { a: "x".repeat(262_144) })),
        ),
        mountOptions: rarely(fc.array(texts, { maxLength: 2 })),
        fsType: rarely(fc.constantFrom("ext4", "xfs", "ntfs", "")),
        volumeMode: rarely(fc.constantFrom("Filesystem", "Block", "block")),
        accessModes: rarely(
            fc.constantFrom(
                ["ReadWriteOncePod"],
                ["ReadWriteMany"],
                [],
                ["ReadWriteOnce", "ReadWriteOncePod"],
                ["x"],
            ),
        ),
    }),
    storageClass: fc.record({ name: rarely(texts) }),
    dynamicStorageClass: rarely(
        fc.record({
            name: often("dynamic", texts),
            reclaimPolicy: rarely(fc.constantFrom("Retain", "Delete", "Recycle", "x")),
        }),
    ),
    claims: fc.oneof(
        fc.constant(undefined),
        fc.record({ statefulSet: often("web", texts), template: often("www", texts), namespace: namespaces }),
        fc.record({ names: fc.tuple(often("one", texts)), namespace: namespaces }),
    ),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

/** Without what isn't set, as JSON has it. */
function plain<T>(value: T): T {
    return JSON.parse(JSON.stringify(value)) as T;
}

/** Problems that the check finds, a line each. */
function refusals({ name, ...storage }: Settings): string[] {
    const config = {
        [`${project}:cluster`]: { name: "c" },
        [`${project}:storages`]: Object.fromEntries([[name, { count: 1, ...storage }]]),
    };
    try {
        readStorages(project, configAsText(plain(config)));
        return [];
    } catch (error) {
        return (error as Error).message.split("\n  - ").slice(1);
    }
}

/** The manifests as they are sent. */
async function manifestsOf({ name, ...storage }: Settings) {
    const args = { clusterName: "c", count: 1, ...plain(storage) } as ZonalPersistentStorageArgs;
    const [disk] = disksOf(name, args);
    assert.ok(disk);
    const known = <T>(value: T) => output(value);
    const volume = {
        id: known("vol-0123456789abcdef0"),
        zone: known("eu-west-1a"),
        sizeGiB: args.volume.sizeGiB,
        snapshotId: known(""),
        keptIds: [],
        checked: known(undefined),
    };
    const className = args.storageClass?.name ?? name;
    const persistentVolume = {
        metadata: { name: known(disk.persistentVolumeName) },
    } as unknown as kubernetes.core.v1.PersistentVolume;
    const manifests = {
        persistentVolume: persistentVolumeManifest(
            args,
            className,
            disk,
            volume,
            known<Record<string, string>>({}),
            args.persistentVolume?.zoneLabel ?? zoneLabel,
        ),
        storageClass: storageClassManifest(args, className),
        dynamic: args.dynamicStorageClass
            ? dynamicStorageClassManifest(args, args.dynamicStorageClass, ["eu-west-1a"], zoneLabel)
            : undefined,
        claim:
            disk.claimName === undefined
                ? undefined
                : claimManifest(args, className, disk, volume, persistentVolume),
        namespace: claimNamespace(args),
    };
    return new Promise<{
        persistentVolume: V1PersistentVolume;
        storageClass: V1StorageClass;
        dynamic: V1StorageClass | undefined;
        claim: V1PersistentVolumeClaim | undefined;
        namespace: string;
    }>((resolve) => output(manifests).apply((all) => resolve(all as never)));
}

/** Problems that the API server finds: its answers to a dry run of each object. */
async function answers(servers: Servers, storage: Settings): Promise<string[]> {
    const [core, classes] = [kubeConfig(servers).makeApiClient(CoreV1Api), storageApi(servers)];
    const { persistentVolume, storageClass, dynamic, claim, namespace } = await manifestsOf(storage);
    const options = { dryRun: "All", fieldValidation: "Strict" };
    // A claim's namespace has to be there: its name is asked for apart.
    const here = claim && { ...claim, metadata: { ...claim.metadata, namespace: "default" } };
    const requests = [
        core.createPersistentVolume({ body: persistentVolume, ...options }),
        classes.createStorageClass({ body: storageClass, ...options }),
        ...(dynamic ? [classes.createStorageClass({ body: dynamic, ...options })] : []),
        ...(here
            ? [
                  core.createNamespacedPersistentVolumeClaim({
                      namespace: "default",
                      body: here,
                      ...options,
                  }),
                  core.createNamespace({ body: { metadata: { name: namespace } }, ...options }),
              ]
            : []),
    ];
    const ends = await Promise.allSettled(requests);
    return ends.flatMap((end) => {
        if (end.status === "fulfilled") {
            return [];
        }
        const { code, body } = end.reason as { code?: number; body?: unknown };
        assert.ok([400, 409, 422].includes(code ?? 0), `an answer to the object: ${String(end.reason)}`);
        // The namespace may be there already.
        return code === 409 ? [] : [`${code} ${String(body)}`];
    });
}

/** Config that the program takes is what a real API server takes, and the other way round. */
describe("the check of names, labels and sizes, and the API server's own", function () {
    this.timeout(300_000);

    let servers: Servers;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox());
    });
    after(() => end());

    it(`agree, or the table says why the check is stricter: ${runs} configs`, async () => {
        const seen = { taken: 0, refused: 0, stricter: 0 };
        await fc.assert(
            fc.asyncProperty(settings, async (storage) => {
                const [ours, theirs] = [refusals(storage), await answers(servers, storage)];
                if (ours.length === 0) {
                    assert.deepEqual(theirs, [], "the API server refuses what the check has taken");
                    seen.taken += 1;
                } else if (theirs.length > 0) {
                    seen.refused += 1;
                } else {
                    const unexplained = ours.filter((line) => !stricter.some(([rule]) => rule.test(line)));
                    assert.deepEqual(unexplained, [], "the API server takes what the check refuses");
                    seen.stricter += 1;
                }
            }),
            { numRuns: runs },
        );
        console.log(
            `      ${seen.taken} taken, ${seen.refused} refused by both, ${seen.stricter} by the check alone`,
        );
        assert.ok(seen.taken > 50 && seen.refused > 50, "both kinds have to be among them");
    });
});
