import assert from "node:assert/strict";
import { importsOf, persistentVolumesOn, strangeSteps } from "../../tools/adopt/imports";
import { readPreview } from "../../tools/engine/preview";
import { diskOfOthers, existing } from "../support/fixtures/disksToAdopt";

const storageType = "zonal-persistent-storage:index:ZonalPersistentStorage";
const volumeType = "aws:ebs/volume:Volume";
const persistentVolumeType = "kubernetes:core/v1:PersistentVolume";
const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const stack = urn("pulumi:pulumi:Stack", "shop-dev");
const storage = urn(storageType, "data");
const inStorage = (type: string, name: string) => urn(`${storageType}$${type}`, name);

interface Step {
    readonly op?: string;
    readonly urn: string;
    readonly parent?: string;
    readonly provider?: string;
    readonly inputs?: object;
}

/** A preview with these steps, as the CLI prints it. */
const previewOf = (...steps: readonly Step[]) =>
    readPreview({
        code: 0,
        stderr: "",
        stdout: JSON.stringify({
            steps: steps.map(({ op = "create", ...state }) => {
                const type = state.urn.split("::")[2]?.split("$").at(-1) ?? "";
                const custom = /^(aws|kubernetes|pulumi:providers):/.test(type);
                return { op, urn: state.urn, newState: { type, custom, ...state } };
            }),
        }),
    });
const persistentVolume = (logical: string, name: string, parent = storage, provider?: string): Step => ({
    urn: inStorage(persistentVolumeType, logical),
    parent,
    provider,
    inputs: { metadata: { name } },
});
const volume = (logical: string, owner: string, parent = storage, provider?: string): Step => ({
    urn: inStorage(volumeType, logical),
    parent,
    provider,
    inputs: { tags: { "kubernetes.io/created-for/pv/name": owner } },
});
const component: Step = { urn: storage, parent: stack };
const disks = existing([diskOfOthers("a"), diskOfOthers("b")]);

/** The imports' file with the names that it gives resolved. */
const fileOf = (steps: readonly Step[], inState: ReadonlyMap<string, string> = new Map()) => {
    const { file, ...others } = importsOf(disks, previewOf(...steps), inState);
    const { nameTable = {}, resources = [] } = JSON.parse(file ?? "{}") as {
        nameTable?: Record<string, string>;
        resources?: Record<string, string>[];
    };
    const resolved = new Map(
        resources.map(({ name, type, logicalName }) => [name, `${type?.split(":").at(-1)} ${logicalName}`]),
    );
    const nameOf = (key: string) => resolved.get(key) ?? nameTable[key];
    return {
        ...others,
        isNeeded: file !== undefined,
        lines: resources.map(({ name = "", id = "", parent, provider }) =>
            [
                nameOf(name),
                id,
                parent === undefined ? "" : nameOf(parent),
                ...(provider ? [nameOf(provider)] : []),
            ].join(" | "),
        ),
    };
};

describe("imports of disks", () => {
    const both = [
        persistentVolume("data-0", "a"),
        volume("data-0", "a"),
        persistentVolume("data-1", "b"),
        volume("data-1", "b"),
    ];

    it("begin with a new component, once, and have each volume and PersistentVolume", () => {
        const { lines, missing, storages, newProviders } = fileOf([component, ...both]);
        assert.deepEqual(lines, [
            "ZonalPersistentStorage data |  | ",
            "Volume data-0 | vol-61 | ZonalPersistentStorage data",
            "PersistentVolume data-0 | a | ZonalPersistentStorage data",
            "Volume data-1 | vol-62 | ZonalPersistentStorage data",
            "PersistentVolume data-1 | b | ZonalPersistentStorage data",
        ]);
        assert.deepEqual([missing, newProviders, [...storages]], [[], [], [storage]]);
    });

    it("refer to a component that the state has by its URN", () => {
        const { lines } = fileOf(both);
        assert.equal(lines.length, 4);
        assert.equal(lines[0], `Volume data-0 | vol-61 | ${storage}`);
    });

    it("have the components above it that are new, the outermost first", () => {
        const shop = { urn: urn("shop:index:Shop", "shop"), parent: stack };
        const inner = { urn: urn("shop:index:Shop$shop:index:Disks", "disks"), parent: shop.urn };
        const steps = [shop, inner, { ...component, parent: inner.urn }, ...both];
        assert.deepEqual(fileOf(steps).lines.slice(0, 3), [
            "Shop shop |  | ",
            "Disks disks |  | Shop shop",
            "ZonalPersistentStorage data |  | Disks disks",
        ]);
        assert.deepEqual(fileOf(steps.slice(1)).lines.slice(0, 2), [
            `Disks disks |  | ${shop.urn}`,
            "ZonalPersistentStorage data |  | Disks disks",
        ]);
    });

    it("leave volumes out that the storage only uses", () => {
        const { lines } = fileOf([
            component,
            persistentVolume("data-0", "a"),
            persistentVolume("data-1", "b"),
        ]);
        assert.deepEqual(lines.slice(1), [
            "PersistentVolume data-0 | a | ZonalPersistentStorage data",
            "PersistentVolume data-1 | b | ZonalPersistentStorage data",
        ]);
    });

    it("have what is missing when an import was interrupted", () => {
        const state = new Map([["a", storage]]);
        const { lines, missing } = fileOf([volume("data-0", "a"), ...both.slice(2)], state);
        assert.deepEqual(missing, []);
        assert.deepEqual(lines, [
            `Volume data-0 | vol-61 | ${storage}`,
            `Volume data-1 | vol-62 | ${storage}`,
            `PersistentVolume data-1 | b | ${storage}`,
        ]);
    });

    it("aren't needed when the state has all", () => {
        const { isNeeded, storages } = fileOf(
            [],
            new Map([
                ["a", storage],
                ["b", storage],
            ]),
        );
        assert.deepEqual([isNeeded, [...storages]], [false, [storage]]);
    });

    it("have only the volumes of PersistentVolumes that the cluster doesn't have", () => {
        const { file } = importsOf(disks, previewOf(component, ...both), new Map(), new Set(["a", "b"]));
        const { resources } = JSON.parse(file ?? "{}") as { resources: { id?: string }[] };
        assert.deepEqual(
            resources.map(({ id }) => id),
            [undefined, "vol-61", "vol-62"],
        );
    });

    it("say which PersistentVolumes the program doesn't have", () => {
        assert.deepEqual(fileOf([component, ...both.slice(0, 2)]).missing, ["b"]);
    });

    it("name explicit providers, and those that the state lacks", () => {
        const [own, new_] = ["own", "new"].map((name) => urn("pulumi:providers:kubernetes", name));
        const usual = `${urn("pulumi:providers:aws", "default_7_48_0")}::id-1`;
        const { lines, newProviders } = fileOf([
            component,
            { urn: new_!, parent: stack },
            persistentVolume("data-0", "a", storage, `${own}::id-2`),
            volume("data-0", "a", storage, usual),
            persistentVolume("data-1", "b", storage, `${new_}::04da6b54`),
        ]);
        assert.deepEqual(lines.slice(1, 3), [
            "Volume data-0 | vol-61 | ZonalPersistentStorage data",
            `PersistentVolume data-0 | a | ZonalPersistentStorage data | ${own}`,
        ]);
        assert.deepEqual(newProviders, [`${new_}::04da6b54`]);
    });
});

describe("steps that adoption must not make", () => {
    const strange = (...steps: readonly Step[]) => strangeSteps(previewOf(...steps), new Set([storage]));
    const inside = { parent: storage };

    it("aren't those that adoption makes", () => {
        assert.deepEqual(
            strange(
                { ...component, op: "update" },
                { ...persistentVolume("data-0", "a"), op: "update" },
                { ...volume("data-0", "a"), op: "update" },
                { urn: inStorage("kubernetes:storage.k8s.io/v1:StorageClass", "data"), ...inside },
                { urn: urn("pulumi:providers:kubernetes", "own"), op: "create" },
                { urn: stack, op: "update" },
                { urn: urn("shop:index:Shop", "shop"), parent: stack, op: "update" },
                { urn: urn(storageType, "empty"), parent: stack, op: "delete" },
            ),
            [],
        );
    });

    it("aren't new PersistentVolumes of a takeover, each on its volume", () => {
        const on = (name: string, volumeHandle: string): Step => ({
            ...persistentVolume(name, name),
            inputs: {
                apiVersion: "v1",
                kind: "PersistentVolume",
                metadata: { name },
                spec: { csi: { volumeHandle } },
            },
        });
        const preview = previewOf(on("a", "vol-61"), on("b", "vol-9"));
        const made = persistentVolumesOn(disks, preview, new Set(["a", "b"]));
        assert.deepEqual(strangeSteps(preview, new Set([storage]), made), ["create PersistentVolume b"]);
        assert.equal(persistentVolumesOn(disks, preview).size, 0);
    });

    const cases: [string, Step, string][] = [
        [
            "a replacement",
            { ...persistentVolume("data-0", "a"), op: "replace" },
            "replace PersistentVolume data-0",
        ],
        ["a deletion", { ...volume("data-1", "b"), op: "delete" }, "delete Volume data-1"],
        ["an end of management", { ...volume("data-1", "b"), op: "discard" }, "discard Volume data-1"],
        ["a new volume", volume("data-2", "c"), "create Volume data-2"],
        ["a new PersistentVolume", persistentVolume("data-2", "c"), "create PersistentVolume data-2"],
        [
            "a snapshot",
            { urn: inStorage("aws:ebs/snapshot:Snapshot", "data-0"), ...inside },
            "create Snapshot data-0",
        ],
        [
            "a copy of a volume",
            { urn: inStorage("aws:ebs/volumeCopy:VolumeCopy", "data-0"), ...inside },
            "create VolumeCopy data-0",
        ],
        [
            "an update of another storage's",
            { ...volume("other-0", "x", urn(storageType, "other")), op: "update" },
            "update Volume other-0",
        ],
        [
            "anything of a new component's",
            {
                urn: urn("shop:index:Shop$aws:s3/bucket:Bucket", "logs"),
                parent: urn("shop:index:Shop", "shop"),
            },
            "create Bucket logs",
        ],
    ];
    cases.forEach(([what, step, line]) =>
        it(`are ${what}`, () => {
            assert.deepEqual(strange(step), [line]);
        }),
    );
});
