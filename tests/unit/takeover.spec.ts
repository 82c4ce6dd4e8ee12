import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { existingDisk } from "../../tools/adopt/existingDisk";
import type { PlannedStorage } from "../../tools/adopt/plannedStorages";
import { tagChange } from "../../tools/adopt/released/clusterTags";
import type { HandedStorage } from "../../tools/adopt/released/handOverFile";
import { isHere, obstacleOf, zoneWarnings } from "../../tools/adopt/released/obstacles";
import { releasedSettings } from "../../tools/adopt/released/releasedSettings";
import { settingsProblems } from "../../tools/adopt/released/sameDisks";
import { attachedProblem, attachmentsOf } from "../../tools/adopt/released/takeover";
import { claimed, handed, handedStorage, handOver, ofBlue } from "../support/fixtures/handOver";
import { inventoryWith, node, persistentVolume, tags, volume } from "../support/fixtures/twoDisks";

const volumes = new Map(["0", "1"].map((n) => [`vol-${n}`, ofBlue(`vol-${n}`, `data-${n}`)]));
const empty = inventoryWith({ persistentVolumes: [], volumes: [], clusterNames: ["green"] });
const diskOf = (one: V1PersistentVolume, its: Volume) => existingDisk(one, its, empty);

describe("settings of storages that are taken over", () => {
    const settingsOf = (one: HandedStorage, classes: readonly string[] = []) =>
        releasedSettings(one, volumes, classes);
    const names = {
        "0": { persistentVolumeName: "data-0" },
        "1": { persistentVolumeName: "data-1" },
    };

    it("stay as they were, and name the PersistentVolumes until the disks are in the state", () => {
        const given = { protect: false, claims: { statefulSet: "web", template: "data" } };
        assert.deepEqual(settingsOf(handedStorage({ ...given, aliases: ["old"] })), {
            settings: { count: 2, volume: { sizeGiB: 10 }, ...given, overrides: names },
            settled: { ownNames: ["0", "1"], createsClaims: false },
        });
    });

    it("create claims only once the disks are in the state", () => {
        const claims = { names: ["a", "b"] };
        const { settings, settled } = settingsOf(handedStorage({ claims: { ...claims, create: true } }));
        assert.deepEqual([settings["claims"], settled.createsClaims], [claims, true]);
    });

    it("keep names that aren't the storage's own, and get none for volumes that it only uses", () => {
        const overrides = { "0": { persistentVolumeName: "pvc-1" }, "1": { volumeId: "vol-1" } };
        const one = handedStorage({ overrides }, [handed("pvc-1", "vol-0"), handed("data-1", "vol-1")]);
        const { settings, settled } = settingsOf(one);
        assert.deepEqual(settings["overrides"], overrides);
        assert.deepEqual(settled.ownNames, []);
    });

    it("know the names of a prefix and of digits", () => {
        const one = handedStorage({ persistentVolume: { namePrefix: "ebs", ordinalDigits: 2 } }, [
            handed("ebs-00", "vol-0"),
            handed("ebs-1", "vol-1"),
        ]);
        assert.deepEqual(settingsOf(one).settled.ownNames, ["0"]);
    });

    it("have no moves that were made, but the size and the snapshot that these have left", () => {
        const moved = new Map(volumes).set(
            "vol-0",
            ofBlue("vol-0", "data-0", { Size: 12, SnapshotId: "snap-2" }),
        );
        const one = handedStorage({
            volume: { sizeGiB: 10, snapshotId: "snap-1" },
            overrides: {
                "0": { zone: "eu-west-1a", moves: [{ zone: "eu-west-1b" }], lostVolumeId: "vol-9" },
                "1": { zone: "eu-west-1b" },
            },
        });
        assert.deepEqual(releasedSettings(one, moved, []).settings["overrides"], {
            "0": { ...names["0"], sizeGiB: 12, snapshotId: "snap-2" },
            "1": { ...names["1"], zone: "eu-west-1b" },
        });
    });

    it("don't say what the volumes were made from, which makes them ordinary ones", () => {
        const source = { cluster: "blue", storage: "web" };
        for (const origin of [{ copyOf: source }, { from: source }]) {
            const overrides = { "0": { sourceVolumeId: "vol-9", sizeGiB: 20 } };
            const one = handedStorage({ volume: { sizeGiB: 10, ...origin }, overrides });
            const { settings } = settingsOf(one);
            assert.deepEqual(
                [settings["volume"], settings["overrides"]],
                [{ sizeGiB: 10 }, { "0": { ...names["0"], sizeGiB: 10 }, "1": names["1"] }],
            );
        }
    });

    it("make the class only where the cluster has none", () => {
        const classOf = (settings: object, ...classes: string[]) =>
            settingsOf(handedStorage(settings), classes).settings["storageClass"];
        assert.equal(classOf({}), undefined);
        assert.deepEqual(classOf({}, "data"), { create: false });
        assert.deepEqual(classOf({ storageClass: { name: "gp3", create: false } }), { name: "gp3" });
        assert.deepEqual(classOf({ storageClass: { name: "gp3" } }, "gp3"), { name: "gp3", create: false });
    });

    it("reserve the disks for the claims that they had", () => {
        const bound = [handed("data-0", "vol-0", claimed("a")), handed("data-1", "vol-1", claimed("b"))];
        assert.deepEqual(settingsOf(handedStorage({}, bound)).settings["claims"], { names: ["a", "b"] });
        const named = { names: ["x", "y"] };
        assert.deepEqual(settingsOf(handedStorage({ claims: named }, bound)).settings["claims"], named);
        const shop = bound.map((one) => ({
            ...one,
            spec: { ...one.spec, claimRef: { namespace: "shop", name: "a" } },
        }));
        assert.deepEqual(settingsOf(handedStorage({}, shop)).settings["claims"], {
            namespace: "shop",
            names: ["a", "a"],
        });
    });
});

describe("storages that are taken over", () => {
    const problems = (one: HandedStorage, settings: object = {}, known: readonly string[] = []) => {
        const planned: PlannedStorage = {
            name: "data",
            settings: { ...releasedSettings(one, volumes, []).settings, ...settings },
            disks: new Map(
                one.disks.map(({ ordinal, persistentVolume: its }) => [
                    ordinal,
                    diskOf(its, volumes.get(its.spec.csi.volumeHandle)!),
                ]),
            ),
        };
        return settingsProblems([planned], "green", "eu-west-1", known);
    };

    it("make the PersistentVolumes that the disks had", () => {
        assert.deepEqual(problems(handedStorage({})), []);
        assert.deepEqual(
            problems(
                handedStorage({ persistentVolume: { volumeMode: "Block" } }, [
                    handed("data-0", "vol-0", {
                        volumeMode: "Block",
                        csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-0" },
                    }),
                ]),
            ),
            [],
        );
    });

    it("are rejected when a file system or a driver would be another", () => {
        const csi = { driver: "ebs.csi.aws.com", volumeHandle: "vol-0", fsType: "ntfs" };
        assert.match(
            problems(handedStorage({}, [handed("data-0", "vol-0", { csi })])).join(),
            /PersistentVolume data-0 had fsType ntfs, and storage data makes it with ext4/,
        );
    });

    it("are rejected when a disk would be for another claim than it was", () => {
        const bound = [handed("data-0", "vol-0", claimed("a")), handed("data-1", "vol-1", claimed("b"))];
        assert.match(
            problems(handedStorage({ claims: { names: ["b", "a"] } }, bound)).join("\n"),
            /data-0 was for claim default\/a, and by the settings of storage data it is for default\/b/,
        );
        // One of two is bound: the settings can't say which claim the other one is for.
        const one = [bound[0]!, handed("data-1", "vol-1")];
        assert.match(problems(handedStorage({}, one)).join(), /it is for any claim of its class/);
    });

    it("are rejected when the settings are for another number of disks", () => {
        assert.match(
            problems(handedStorage({}), { count: 3 }).join(),
            /settings for 3 disks, and the file has 2: correct count and start/,
        );
    });

    it("are rejected when the settings are", () => {
        assert.throws(
            () => problems(handedStorage({ size: 1 })),
            /storages\.data\.size is not a known setting/,
        );
    });

    it("can be alongside a storage that the stack has", () => {
        assert.throws(
            () => problems(handedStorage({ alongside: "wal" })),
            /alongside must be another storage/,
        );
        assert.deepEqual(problems(handedStorage({ alongside: "wal" }), {}, ["wal"]), []);
    });
});

describe("disks of another cluster", () => {
    const one = handed("data-0", "vol-0", claimed("web"));
    const obstacle = (its: Volume | undefined, ...persistentVolumes: V1PersistentVolume[]) =>
        obstacleOf(one, its, handOver(), "green", inventoryWith({ persistentVolumes }));

    it("have no obstacle when their volumes are free, also when some are taken over already", () => {
        assert.equal(obstacle(ofBlue("vol-0", "data-0")), undefined);
        const here = persistentVolume("data-0", "vol-0");
        assert.equal(
            obstacle(volume("vol-0", "data-0", { Tags: tags(volumeTags("green", "data-0")) }), here),
            undefined,
        );
        assert.ok(isHere(one, inventoryWith({ persistentVolumes: [here] })));
        assert.ok(!isHere(one, inventoryWith({ persistentVolumes: [] })));
    });

    const free = ofBlue("vol-0", "data-0");
    const others = {
        ...persistentVolume("other", "vol-5"),
        spec: { ...one.spec, csi: { ...one.spec.csi, volumeHandle: "vol-5" } },
    };
    const cases: [string, string | undefined, RegExp][] = [
        [
            "of another account or deleted",
            obstacle(undefined),
            /which EC2 doesn't have in eu-west-1 of this account: it was in account 123456789012/,
        ],
        [
            "a third cluster's by now",
            obstacle(volume("vol-0", "data-0", { Tags: tags(volumeTags("red", "data-0")) })),
            /of cluster "red": neither of "blue", as the file has it, nor of "green"/,
        ],
        [
            "of a name that this cluster has on another volume",
            obstacle(free, persistentVolume("data-0", "vol-7")),
            /data-0 exists in this cluster on another volume, vol-7/,
        ],
        [
            "on a volume on which this cluster has another PersistentVolume",
            obstacle(free, persistentVolume("mine", "vol-0")),
            /on which this cluster has PersistentVolume mine: delete it/,
        ],
        [
            "for a claim that has another PersistentVolume",
            obstacle(free, others),
            /is for claim default\/web, for which this cluster has PersistentVolume other/,
        ],
        ["in state error", obstacle({ ...free, State: "error" }), /whose state in EC2 is error/],
    ];
    cases.forEach(([what, found, message]) =>
        it(`are rejected when they are ${what}`, () => {
            assert.match(found ?? "none", message);
        }),
    );

    it("are rejected with each instance and device that has them", () => {
        const Attachments = [{ InstanceId: "i-1", Device: "/dev/xvdaa" }];
        const found = attachmentsOf([free, { ...free, Attachments }]);
        assert.equal(
            attachedProblem(found, "blue"),
            "pods of cluster blue still hold disks: end those pods, and wait until the volumes are detached\n" +
                "  volume vol-0 is attached to i-1 as /dev/xvdaa",
        );
        assert.equal(attachedProblem([], "blue"), undefined);
    });

    it("come with a warning when the cluster has no node in their zone", () => {
        const nodes = [node("eu-west-1b"), node("eu-west-1c", { ready: "False" })];
        const elsewhere = { ...free, VolumeId: "vol-2", AvailabilityZone: "eu-west-1c" };
        assert.deepEqual(zoneWarnings([free, elsewhere], inventoryWith({ nodes })), [
            "this cluster has no node in eu-west-1c that takes pods: pods that need vol-2 wait for one",
        ]);
    });
});

describe("tags of volumes that are taken over", () => {
    const change = (its: Record<string, string>, to = "green") =>
        tagChange(
            diskOf(handed("data-0", "vol-0"), ofBlue("vol-0", "data-0")),
            volume("vol-0", "", { Tags: tags(its) }),
            "blue",
            to,
        );
    const blue = volumeTags("blue", "data-0");

    it("become the cluster's, and none of the former cluster's stays", () => {
        const found = change({ ...blue, "zonal-persistent-storage/backup": "data", "aws:x": "1", team: "a" });
        assert.deepEqual(found, {
            volumeId: "vol-0",
            set: {
                Name: "data-0.green",
                KubernetesCluster: "green",
                "kubernetes.io/cluster/green": "shared",
                "ebs.csi.aws.com/cluster-name": "green",
            },
            removed: ["kubernetes.io/cluster/blue", "zonal-persistent-storage/backup"],
        });
    });

    it("keep a name that somebody else has given", () => {
        assert.equal(change({ ...blue, Name: "the shop's" })?.set["Name"], undefined);
    });

    it("stay when the volume is the cluster's already", () => {
        const green = { ...volumeTags("green", "data-0"), "zonal-persistent-storage/backup": "data" };
        assert.equal(change(green), undefined);
        assert.equal(change(blue, "blue"), undefined);
    });
});
