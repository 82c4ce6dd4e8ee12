import assert from "node:assert/strict";
import { diskOfOthers, disksOfSet, plan, readBack, settingsFor } from "../support/fixtures/disksToAdopt";

const web = { namespace: "default", name: "web", templates: ["www", "logs"] };
const owners = [web];

describe("storages for a StatefulSet's disks", () => {
    it("count as the StatefulSet does", () => {
        const disks = disksOfSet("web", "www", [2, 0, 1]);
        const [storage, ...others] = plan(disks, { owners });
        assert.deepEqual(others, []);
        assert.equal(storage?.name, "www-web");
        assert.deepEqual(storage.settings, {
            count: 3,
            volume: { sizeGiB: 10, type: "gp3" },
            storageClass: { name: "manual" },
            claims: { statefulSet: "web", template: "www" },
            overrides: {
                "0": { persistentVolumeName: disks[1]?.persistentVolume.metadata?.name },
                "1": { persistentVolumeName: disks[2]?.persistentVolume.metadata?.name },
                "2": { persistentVolumeName: disks[0]?.persistentVolume.metadata?.name },
            },
        });
    });

    it("start at the first ordinal of the disks", () => {
        const { "www-web": settings } = settingsFor(disksOfSet("web", "www", [3, 4]), { owners });
        assert.deepEqual([settings?.["start"], settings?.["count"]], [3, 2]);
    });

    it("name the claims when an ordinal is missing between them", () => {
        const { "www-web": settings } = settingsFor(disksOfSet("web", "www", [0, 2, 10]), { owners });
        assert.deepEqual(settings?.["claims"], { names: ["www-web-0", "www-web-2", "www-web-10"] });
        assert.deepEqual([settings["start"], settings["count"]], [undefined, 3]);
    });

    it("are one for each template, namespace and combination of shared settings", () => {
        const shop = { namespace: "shop" };
        const disks = [
            ...disksOfSet("web", "www", [0, 1]),
            ...disksOfSet("web", "logs", [0]),
            ...disksOfSet("web", "www", [0], shop),
            ...disksOfSet("web", "www", [2], { csi: { fsType: "xfs" } }),
        ];
        const storages = plan(disks, { owners: [web, { ...web, ...shop }] });
        assert.deepEqual(
            storages.map(({ name, settings }) => [
                name,
                settings["start"],
                settings["count"],
                settings["claims"],
            ]),
            [
                ["www-web", undefined, 2, { statefulSet: "web", template: "www" }],
                ["logs-web", undefined, 1, { statefulSet: "web", template: "logs" }],
                ["www-web-2", undefined, 1, { ...shop, statefulSet: "web", template: "www" }],
                ["www-web-3", 2, 1, { statefulSet: "web", template: "www" }],
            ],
        );
        assert.equal(readBack(storages).length, 4);
    });
});

describe("storages for other disks", () => {
    it("are called after the class, and are for the claims in the order of their PersistentVolumes", () => {
        const disks = ["manual-ebs-10", "manual-ebs-02"].map((name) =>
            diskOfOthers(name, { claim: { name: `for-${name}` } }),
        );
        const { manual } = settingsFor(disks);
        assert.deepEqual(manual?.["claims"], { names: ["for-manual-ebs-02", "for-manual-ebs-10"] });
    });

    it("are called after the namespace when there is no class", () => {
        const noClass = { spec: { storageClassName: "" } };
        const names = (different: object, classes: string[] = []) =>
            plan([diskOfOthers("a", { ...noClass, ...different })], { classes }).map(({ name }) => name);
        assert.deepEqual(names({ claim: { namespace: "shop", name: "a" } }), ["shop"]);
        assert.deepEqual(names({ claim: null }), ["disks"]);
        assert.deepEqual(names({ claim: null }, ["disks"]), ["disks-2"], "its own class has that name");
    });

    it("have no claims when a disk has none", () => {
        const storages = plan([diskOfOthers("a", { claim: null }), diskOfOthers("b")]);
        assert.deepEqual(
            storages.map(({ settings }) => settings["claims"]),
            [undefined, { names: ["b"] }],
        );
    });

    it("make a class that is missing once", () => {
        const disks = [diskOfOthers("a"), diskOfOthers("b", { claim: { namespace: "shop", name: "b" } })];
        const classes = (known: string[]) =>
            plan(disks, { classes: known }).map((one) => one.settings["storageClass"]);
        const shared = { name: "manual", create: false };
        assert.deepEqual(classes([]), [{ name: "manual" }, shared]);
        assert.deepEqual(classes(["manual"]), [shared, shared]);
        assert.equal(readBack(plan(disks)).length, 2);
    });

    const shapes: [string, Parameters<typeof diskOfOthers>[1], object | undefined][] = [
        [
            "a block device",
            { spec: { volumeMode: "Block", mountOptions: ["noatime"] } },
            { volumeMode: "Block" },
        ],
        [
            "ReadWriteOncePod",
            { spec: { accessModes: ["ReadWriteOncePod"] } },
            { accessModes: ["ReadWriteOncePod"] },
        ],
        ["several access modes", { spec: { accessModes: ["ReadWriteMany", "ReadWriteOnce"] } }, undefined],
        ["ReadOnlyMany", { spec: { accessModes: ["ReadOnlyMany"] } }, undefined],
        ["mount options", { spec: { mountOptions: ["noatime"] } }, { mountOptions: ["noatime"] }],
        ["xfs", { csi: { fsType: "xfs" } }, { fsType: "xfs" }],
        ["ntfs", { csi: { fsType: "ntfs" } }, undefined],
        [
            "EKS Auto Mode's driver",
            { csi: { driver: "ebs.csi.eks.amazonaws.com" } },
            { csiDriver: "ebs.csi.eks.amazonaws.com" },
        ],
        [
            "a shared block device",
            {
                spec: { volumeMode: "Block", accessModes: ["ReadWriteMany"] },
                volume: { VolumeType: "io2", Iops: 100, MultiAttachEnabled: true },
            },
            { volumeMode: "Block", accessModes: ["ReadWriteMany"] },
        ],
        [
            "a file system on a volume with Multi-Attach",
            {
                spec: { accessModes: ["ReadWriteMany"] },
                volume: { VolumeType: "io2", Iops: 100, MultiAttachEnabled: true },
            },
            undefined,
        ],
    ];
    shapes.forEach(([what, different, expected]) =>
        it(`give new disks what they can have of ${what}`, () => {
            const storages = plan([diskOfOthers("a", different)]);
            assert.deepEqual(storages[0]?.settings["persistentVolume"], expected);
            assert.equal(readBack(storages).length, 1);
        }),
    );

    it("have the labels that all PersistentVolumes have", () => {
        const zone = { "topology.kubernetes.io/zone": "eu-west-1b" };
        const disks = ["a", "b"].map((name) =>
            diskOfOthers(name, { labels: { type: "ebs", ...zone, own: name } }),
        );
        assert.deepEqual(settingsFor(disks)["manual"]?.["persistentVolume"], { labels: { type: "ebs" } });
        const [different] = plan([...disks, diskOfOthers("c")]);
        assert.equal(different?.settings["persistentVolume"], undefined);
    });

    it("are one for disks whose PersistentVolumes say the default or nothing", () => {
        const fsTypes = ["ext4", "", undefined].map((fsType, index) =>
            diskOfOthers(`fs-${index}`, { csi: { fsType } }),
        );
        assert.equal(plan(fsTypes).length, 1);
    });
});

describe("volume settings of planned storages", () => {
    const volumes = (...all: readonly object[]) =>
        settingsFor(all.map((volume, index) => diskOfOthers(`d${index}`, { volume })))["manual"];
    const named = (ordinal: number, own: object) => ({ persistentVolumeName: `d${ordinal}`, ...own });

    it("are those of most volumes, and the others' are overrides", () => {
        const settings = volumes(
            { VolumeType: "gp2", Iops: 100, Throughput: undefined },
            { Iops: 4000 },
            { Iops: 4000, Throughput: 250 },
            { Iops: 4000, Throughput: 250 },
            { VolumeType: "io2", Iops: 500, Size: 20 },
            {},
        );
        assert.deepEqual(settings?.["volume"], {
            sizeGiB: 10,
            type: "gp3",
            iops: 4000,
            throughputMiBps: 250,
        });
        assert.deepEqual(settings["overrides"], {
            "0": named(0, { type: "gp2" }),
            "1": named(1, { throughputMiBps: 125 }),
            "2": named(2, {}),
            "3": named(3, {}),
            "4": named(4, { type: "io2", iops: 500, sizeGiB: 20 }),
            "5": named(5, { iops: 3000, throughputMiBps: 125 }),
        });
    });

    it("leave new disks encrypted where no existing one is", () => {
        const settings = volumes({ Encrypted: false }, { Encrypted: false });
        assert.deepEqual(settings?.["volume"], { sizeGiB: 10, type: "gp3" });
        assert.deepEqual(settings["overrides"], {
            "0": named(0, { encrypted: false }),
            "1": named(1, { encrypted: false }),
        });
    });

    it("keep tags of other tools, each volume its own", () => {
        const tags = {
            team: "ci",
            Name: "old",
            "kubernetes.io/cluster/proyecto.k8s.local": "owned",
            "aws:x": "y",
        };
        const { manual } = settingsFor([diskOfOthers("d0", { tags })]);
        assert.deepEqual(manual?.["overrides"], { "0": named(0, { tags: { team: "ci" } }) });
    });

    it("are the volumes' ids alone when the storage only uses them", () => {
        const tagged = diskOfOthers("d0", { volume: { Encrypted: false }, tags: { team: "ci" } });
        const { manual } = settingsFor([tagged], { usesOnly: true });
        assert.deepEqual(manual?.["overrides"], { "0": named(0, { volumeId: tagged.volume.VolumeId }) });
    });
});

describe("names of planned storages", () => {
    const nameFor = (storageClassName: string, takenNames: string[] = []) =>
        plan([diskOfOthers("a", { spec: { storageClassName } })], { takenNames }).map(({ name }) => name);

    it("are valid, short and free", () => {
        assert.deepEqual(nameFor("gp3.encrypted.eu"), ["gp3-encrypted-eu"]);
        assert.deepEqual(nameFor("x".repeat(200)), ["x".repeat(50)]);
        assert.deepEqual(nameFor("gp3", ["gp3", "gp3-2"]), ["gp3-3"]);
    });

    it("are the user's when all disks are one storage's", () => {
        const disks = [diskOfOthers("a"), diskOfOthers("b", { claim: { namespace: "shop", name: "b" } })];
        assert.deepEqual(Object.keys(settingsFor(disks.slice(0, 1), { name: "ci" })), ["ci"]);
        assert.throws(() => plan(disks, { name: "ci" }), {
            message:
                "--storage must be left out: the disks need 2 storages, for manual, manual; choose fewer disks to name their storage",
        });
        assert.throws(() => plan(disks.slice(0, 1), { name: "ci", takenNames: ["ci"] }), {
            message: '--storage must be a new name, the stack has a storage "ci"',
        });
    });

    ["Ci", "", "-a", "a".repeat(51), "__proto__"].forEach((name) =>
        it(`can't be ${JSON.stringify(name)}`, () => {
            assert.throws(() => plan([diskOfOthers("a")], { name }), {
                message: `--storage must consist of lower case letters, digits and hyphens, at most 50, got ${JSON.stringify(name)}`,
            });
        }),
    );
});

describe("disks that no storage can have", () => {
    it("are refused before anything is changed, but not to be used only", () => {
        const tags = Object.fromEntries(Array.from({ length: 41 }, (_, one) => [`tag${one}`, ""]));
        assert.throws(
            () => plan([diskOfOthers("a", { tags })]),
            /nothing was changed: leave them out, or try --use-only\n {2}- storages\.manual\.overrides\.0\.tags must be at most 40 tags/,
        );
        assert.equal(plan([diskOfOthers("a", { tags })], { usesOnly: true }).length, 1);
    });
});
