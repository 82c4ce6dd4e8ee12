import type { LifecyclePolicy } from "@aws-sdk/client-dlm";
import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { backupTag } from "../../components/plan/tags";
import { overdueDisks, uncopied } from "../../tools/doctor/backupAge";
import { backupFindings } from "../../tools/doctor/backupFindings";
import { recycleBinNotes } from "../../tools/doctor/recycleBin";
import { backedUpDisks } from "../../tools/inspect/backups";
import type { Backup, Backups } from "../../tools/inspect/backups";
import { inRegion } from "../../tools/inspect/regions";
import { readState } from "../../tools/inspect/state";
import { newestByVolume } from "../../tools/inspect/snapshots";
import { mapDataOf } from "../../scripts/docs/exampleMaps";
import { buildMap } from "../../tools/map/build";
import { page } from "../../tools/map/page";
import { snapshotLines, zoneSnapshots } from "../../tools/map/zoneSnapshots";
import { disk as mapDisk } from "../support/fixtures/mapData";
import {
    allInState,
    bothVolumes,
    component,
    inventoryWith,
    tags,
    volume,
} from "../support/fixtures/twoDisks";

const at = new Date("2026-11-27T12:00:00Z");
const ago = (hours: number) => new Date(at.getTime() - hours * 3_600_000);
const region = "eu-central-1";
const owner = "kubernetes.io/created-for/pv/name";
const target = { [backupTag]: "proyecto.k8s.local/data" };

/** A policy of every 6 hours, 100 hours old. */
function policyWith(different: Partial<LifecyclePolicy> = {}): LifecyclePolicy {
    const copies = [
        { Target: region, Encrypted: true, RetainRule: { Interval: 2, IntervalUnit: "DAYS" as const } },
    ];
    return {
        State: "ENABLED",
        DateCreated: ago(100),
        DateModified: ago(100),
        PolicyDetails: {
            TargetTags: tags(target),
            Schedules: [{ CreateRule: { Interval: 6, IntervalUnit: "HOURS" }, CrossRegionCopyRules: copies }],
        },
        ...different,
    };
}

function diskWith(different: Partial<Volume> = {}) {
    const made = volume("vol-0", "data-0", { CreateTime: ago(90), ...different });
    return { name: "data-0", volumeId: "vol-0", volume: { ...made, Tags: [...made.Tags!, ...tags(target)] } };
}

function backupWith(
    policy: LifecyclePolicy | undefined = policyWith(),
    different: Partial<Volume> = {},
): Backup {
    return { storage: "data", policyId: "policy-1", policy, disks: [diskWith(different)] };
}

function snapshot(hours: number, policyId = "policy-1"): Snapshot {
    const Tags = tags({ "aws:dlm:lifecycle-policy-id": policyId });
    return { SnapshotId: `snap-${hours}`, VolumeId: "vol-0", StartTime: ago(hours), Tags };
}

function copy(hours: number, name = "data-0"): Snapshot {
    return {
        SnapshotId: "snap-c",
        VolumeId: "vol-ffffffff",
        StartTime: ago(hours),
        Tags: tags({ [owner]: name }),
    };
}

function backups(backup: Backup, snapshots: Snapshot[] | undefined, copies: Snapshot[] = []): Backups {
    return { all: [backup], snapshots, copies: new Map([[region, copies]]), notLookedAt: [], at };
}

describe("doctor: backups", () => {
    const ages: [string, boolean, Backup, Snapshot[] | undefined][] = [
        ["accepts a snapshot of the last two intervals", false, backupWith(), [snapshot(11), snapshot(40)]],
        ["reports an older one", true, backupWith(), [snapshot(13)]],
        ["reports a disk without one", true, backupWith(), []],
        ["accepts a new volume without one", false, backupWith(undefined, { CreateTime: ago(11) }), []],
        ["accepts a new policy", false, backupWith(policyWith({ DateCreated: ago(11) })), []],
        ["says nothing if snapshots could not be read", false, backupWith(), undefined],
        [
            "says nothing of a schedule that isn't of hours",
            false,
            backupWith(
                policyWith({
                    PolicyDetails: { Schedules: [{ CreateRule: { CronExpression: "cron(0 3 * * ? *)" } }] },
                }),
            ),
            [],
        ],
    ];
    ages.forEach(([title, isOverdue, backup, snapshots]) =>
        it(title, () =>
            assert.deepEqual(
                overdueDisks(backup, backups(backup, snapshots)).map(({ name }) => name),
                isOverdue ? ["data-0"] : [],
            ),
        ),
    );

    const copied: [string, string[], LifecyclePolicy, Snapshot[], Snapshot[]][] = [
        [
            "reports a snapshot without a copy",
            ["snap-7"],
            policyWith(),
            [snapshot(7), snapshot(13)],
            [copy(12)],
        ],
        ["accepts a copy that began later", [], policyWith(), [snapshot(7)], [copy(6)]],
        [
            "reports one that only another disk has",
            ["snap-7"],
            policyWith(),
            [snapshot(7)],
            [copy(6, "data-1")],
        ],
        ["gives a copy an interval of time", [], policyWith(), [snapshot(5)], []],
        ["leaves out copies that were deleted in time", [], policyWith(), [snapshot(49)], []],
        [
            "leaves out snapshots of before a change",
            [],
            policyWith({ DateModified: ago(6) }),
            [snapshot(7)],
            [],
        ],
        ["leaves out snapshots that others have taken", [], policyWith(), [snapshot(7, "policy-2")], []],
    ];
    copied.forEach(([title, expected, policy, snapshots, copies]) =>
        it(`copies: ${title}`, () => {
            const backup = backupWith(policy);
            const missing = uncopied(backup, { region, keepDays: 2 }, backups(backup, snapshots, copies));
            assert.deepEqual(
                missing.map((one) => one.snapshot.SnapshotId),
                expected,
            );
        }),
    );

    it("says nothing of copies in a region that could not be read", () => {
        const unread = { ...backups(backupWith(), [snapshot(7)]), copies: new Map() };
        assert.deepEqual(uncopied(backupWith(), { region, keepDays: 2 }, unread), []);
    });

    const ec2 = { region: "eu-west-1", volumes: [] };
    const found = (backup: Backup) => backupFindings({ ec2, backups: backups(backup, [snapshot(5)]) });
    const enable = "aws dlm update-lifecycle-policy --policy-id=policy-1 --state=ENABLED --region=eu-west-1";
    const nothing = "nothing takes snapshots of PersistentVolume data-0";

    it("reports a policy that AWS doesn't have", () => {
        const { storage, policyId, disks } = backupWith();
        assert.deepEqual(found({ storage, policyId, disks }), [
            {
                what: `backup policy policy-1 of storage data isn't there any more: ${nothing}`,
                mend: ["pulumi refresh", "pulumi up"],
            },
        ]);
    });

    it("reports a policy that is disabled", () => {
        assert.deepEqual(found(backupWith(policyWith({ State: "DISABLED" }))), [
            { what: `backup policy policy-1 of storage data is DISABLED: ${nothing}`, mend: [enable] },
        ]);
    });

    it("reports a policy that looks for other tags", () => {
        const details = { ...policyWith().PolicyDetails, TargetTags: tags({ team: "a" }) };
        const [finding, ...others] = found(backupWith(policyWith({ PolicyDetails: details })));
        assert.match(
            finding!.what,
            /^backup policy policy-1 of storage data doesn't find PersistentVolume data-0: /,
        );
        assert.deepEqual([finding!.mend, others], [["pulumi up --refresh"], []]);
    });

    it("reads policies from the state, in the region that is looked at", () => {
        const type = "aws:dlm/lifecyclePolicy:LifecyclePolicy";
        const policy = (id: string, different: object = {}) => ({
            ...{ urn: `urn:pulumi:a::b::${type}::data`, type, id, parent: component, ...different },
        });
        const resources = [
            policy("policy-1"),
            policy("policy-2", { outputs: { region } }),
            policy("policy-3", { delete: true }),
            policy("--all"),
            policy("policy-4", { parent: undefined }),
        ];
        const state = readState(JSON.stringify({ deployment: { resources } }), "it");
        const ids = (all: typeof state) => all.backupPolicies.map(({ policyId }) => policyId);
        assert.deepEqual(ids(state), ["policy-1", "policy-2"]);
        assert.deepEqual(ids(inRegion(state, "eu-west-1").state), ["policy-1"]);
    });

    it("leaves out volumes that disks were moved from", () => {
        const sources = { ec2: { region: "eu-west-1", volumes: bothVolumes }, state: allInState };
        assert.deepEqual(
            backedUpDisks(sources, [component]).map(({ name }) => name),
            ["data-0", "data-1"],
        );
        const moved = allInState.volumes.map((one) =>
            one.name === "data-1" ? { ...one, name: "data-0-moved-1" } : one,
        );
        const after = backedUpDisks({ ...sources, state: { ...allInState, volumes: moved } }, [component]);
        assert.deepEqual(
            after.map(({ volumeId }) => volumeId),
            ["vol-1"],
        );
    });

    it("finds the newest snapshot of each volume", () => {
        const newest = newestByVolume([snapshot(3), snapshot(1), snapshot(2)]);
        assert.deepEqual([...newest.values()], [snapshot(1)]);
    });
});

describe("doctor: the Recycle Bin", () => {
    const deleted = { volumeId: "vol-7", at: ago(24), until: new Date("2026-12-04T12:00:00Z") };
    const volumes = {
        ...inventoryWith({ state: allInState }),
        recycleBin: [{ ...deleted, kind: "volume" as const, id: "vol-7", sizeGiB: 5 }],
    };

    it("lists a volume whose PersistentVolume isn't known", () => {
        assert.deepEqual(recycleBinNotes(volumes), [
            {
                what: "volume vol-7 (5 GiB) was deleted on 2026-11-26 and lies in the Recycle Bin until 2026-12-04",
                mend: [
                    "to have it back, with the same id",
                    "aws ec2 restore-volume-from-recycle-bin --volume-id=vol-7 --region=eu-west-1",
                ],
            },
        ]);
    });

    it("lists snapshots only if it is known that there is no other", () => {
        const recycleBin = [{ ...deleted, kind: "snapshot" as const, id: "snap-7" }];
        const notes = (snapshots: Snapshot[] | undefined) =>
            recycleBinNotes({ ...volumes, recycleBin, backups: backups(backupWith(), snapshots) }).length;
        assert.deepEqual([notes([]), notes([{ VolumeId: "vol-7" }]), notes(undefined)], [1, 0, 0]);
    });
});

describe("the map: backups", () => {
    const data = mapDataOf([mapDisk(0, "eu-west-1b", { snapshotAge: 30 })], { "eu-west-1b": 1 });
    const made = data.ec2!.volumes[0]!;
    const backup = { ...backupWith(), disks: [{ name: "data-0", volumeId: made.VolumeId!, volume: made }] };
    const later = new Date(data.at.getTime() + 13 * 3_600_000);
    const map = buildMap({ ...data, backups: { ...backups(backup, [...data.snapshots!]), at: later } });

    it("shows the doctor's problems, and snapshots that are overdue", () => {
        assert.deepEqual(
            map.notices.map(({ kind, count }) => [kind, count]),
            [
                ["backup", 1],
                ["backup", 1],
            ],
        );
        assert.match(snapshotLines(zoneSnapshots(map, "eu-west-1b")).lines.join("\n"), /UTC, overdue/);
        assert.match(page(map), /<span class="badge red">▲ overdue<\/span>/);
    });

    it("says which backups could not be looked at", () => {
        const unread = { ...backups(backup, undefined), all: [], notLookedAt: ["backups"] };
        assert.match(
            page(buildMap({ ...data, backups: unread })),
            /No problems found in what could be read; not looked at: backups\./,
        );
    });
});
