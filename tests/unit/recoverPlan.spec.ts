import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { volumeTags } from "../../components/plan/tags";
import { conflictManagers, isOwnConflict, orphanedManagers, sortPresent } from "../../tools/recover/objects";
import type { PlannedObject } from "../../tools/recover/preview";
import { planOf } from "../../tools/recover/plan";
import type { Evidence } from "../../tools/recover/plan";
import { readPreview } from "../../tools/recover/preview";
import { earliestCreation, readRecoverState } from "../../tools/recover/recoverState";
import { importFile, leftVolumes } from "../../tools/recover/leftVolumes";
import type { VolumeFacts } from "../../tools/recover/leftVolumes";

const storage = "urn:pulumi:dev::shop::zonal-persistent-storage:index:ZonalPersistentStorage::data";
const urnOf = (type: string, name: string) =>
    `urn:pulumi:dev::shop::zonal-persistent-storage:index:ZonalPersistentStorage$${type}::${name}`;
const volumeUrn = (ordinal: number) => urnOf("aws:ebs/volume:Volume", `data-${ordinal}`);
const pvUrn = (ordinal: number) => urnOf("kubernetes:core/v1:PersistentVolume", `data-${ordinal}`);
const provider = "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_48_0::0b1c";
const tags = (ordinal: number) => volumeTags("proyecto.k8s.local", `data-${ordinal}`);

const goal = (ordinal: number, inputs: object = {}) => ({
    urn: volumeUrn(ordinal),
    type: "aws:ebs/volume:Volume",
    parent: storage,
    provider,
    inputs: { availabilityZone: "eu-west-1b", size: 10, encrypted: true, tags: tags(ordinal), ...inputs },
});
const exported = (operations: readonly object[] = [], resources: readonly object[] = []) =>
    JSON.stringify({
        deployment: {
            resources: [{ urn: storage, type: storage.split("::")[2] }, ...resources],
            pending_operations: operations,
        },
    });
const preview = (...steps: readonly { op: string; urn: string; newState?: object }[]) =>
    readPreview({ code: 0, stdout: JSON.stringify({ steps }), stderr: "" });
const create = (ordinal: number, inputs: object = {}) => ({
    op: "create",
    urn: volumeUrn(ordinal),
    newState: goal(ordinal, inputs),
});

describe("plan for an interrupted update", () => {
    const evidence = (different: Partial<Evidence> = {}): Evidence => ({
        stack: "dev",
        locks: [],
        wasCancelled: false,
        state: readRecoverState(exported([{ type: "creating", resource: goal(0) }])),
        preview: preview(create(0)),
        takenOver: [],
        foreign: [],
        takenBack: [],
        listed: [],
        leftObjects: [],
        unseen: [],
        ...different,
    });
    const lock = { pid: 2 ** 30, username: "ana", hostname: hostname(), timestamp: "2026-11-24T10:00:00Z" };
    const commands = (different: Partial<Evidence> = {}) =>
        planOf(evidence(different)).steps.map(({ args }) => args?.[0] ?? "up");

    it("completes pending operations, and checks for changes", () => {
        assert.deepEqual(commands(), ["refresh", "up", "refresh", "preview"]);
        assert.ok(planOf(evidence()).steps[2]?.args?.includes("--clear-pending-creates"));
        assert.deepEqual(planOf(evidence()).found, [
            "an update of stack dev was interrupted while creating data-0",
        ]);
    });

    it("removes the lock of a process that has ended", () => {
        assert.deepEqual(commands({ locks: [lock] }), ["cancel", "refresh", "up", "refresh", "preview"]);
    });

    it("clears no pending creations when there are none", () => {
        const state = readRecoverState(exported([{ type: "updating", resource: goal(0) }]));
        assert.deepEqual(commands({ state }), ["refresh", "up", "preview"]);
    });

    it("lists leftover objects with a command", () => {
        const [apiVersion, kind, name] = ["v1", "PersistentVolume", "data-1"];
        const leftObjects = [{ urn: pvUrn(1), apiVersion, kind, name }];
        assert.match(
            planOf(evidence({ leftObjects })).notes.join(),
            /^PersistentVolume data-1 was made by .*: if nothing uses it, kubectl delete persistentvolume\/data-1$/,
        );
    });

    it("quotes names and namespaces of leftover objects for the shell", () => {
        const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "a;b", namespace: "c d" };
        assert.match(
            planOf(evidence({ leftObjects: [{ urn: pvUrn(1), ...claim }] })).notes.join(),
            /kubectl delete persistentvolumeclaim\/'a;b' --namespace='c d'$/,
        );
    });

    it("refuses when nothing was interrupted", () => {
        const { refusal, steps } = planOf(evidence({ state: readRecoverState(exported()) }));
        assert.match(refusal ?? "", /^nothing was interrupted: /);
        assert.deepEqual(steps, []);
    });

    it("recognizes an unrecorded object of a failed update", () => {
        const takenOver = [{ urn: pvUrn(1), apiVersion: "v1", kind: "PersistentVolume", name: "data-1" }];
        const { refusal, found } = planOf(evidence({ state: readRecoverState(exported()), takenOver }));
        assert.equal(refusal, undefined);
        assert.deepEqual(found, ["PersistentVolume data-1 was made by this stack and isn't in its state"]);
    });

    it("refuses while the process of a lock runs", () => {
        const running = { ...lock, pid: process.pid };
        const title = process.title;
        process.title = "pulumi";
        try {
            assert.match(
                planOf(evidence({ locks: [running] })).refusal ?? "",
                /^another update is running: process/,
            );
        } finally {
            process.title = title;
        }
    });

    it("asks about a lock of another machine", () => {
        const elsewhere = { ...lock, hostname: "runner-7" };
        const { doubt } = planOf(evidence({ locks: [elsewhere] }));
        assert.match(
            doubt ?? "",
            /^only runner-7 can tell whether process \d+ of ana on runner-7, since \S+, has ended$/,
        );
        assert.equal(planOf(evidence({ locks: [lock] })).doubt, undefined);
    });

    it("continues after a cancelled update", () => {
        const none = readRecoverState(exported());
        assert.equal(planOf(evidence({ state: none, wasCancelled: true })).refusal, undefined);
    });

    it("refuses with the program's error", () => {
        const said = { diagnostics: [{ severity: "error", message: "error: data-0 can't shrink" }] };
        const refused = readPreview({ code: 1, stdout: JSON.stringify(said), stderr: "" });
        assert.match(
            planOf(evidence({ preview: refused })).refusal ?? "",
            /with the current settings: data-0 can't shrink\n/,
        );
    });

    it("refuses to replace a missing volume by an empty one", () => {
        const operation = { type: "updating", resource: goal(0) };
        const state = readRecoverState(exported([operation], [{ ...goal(0), id: "vol-1" }]));
        assert.match(
            planOf(evidence({ state })).refusal ?? "",
            /^volume vol-1 \(data-0 in the state\) isn't in EC2/,
        );
        const restored = preview(create(0, { snapshotId: "snap-1" }));
        assert.equal(planOf(evidence({ state, preview: restored })).refusal, undefined);
    });

    describe("for an update that was deleting volumes", () => {
        const deleting = [0, 1].map((ordinal) => ({ type: "deleting", resource: goal(ordinal) }));
        const volumes = [0, 1].map((ordinal) => ({ ...goal(ordinal), id: `vol-${ordinal}` }));
        const state = readRecoverState(exported(deleting, volumes));

        it("refuses to create empty ones, and shows both ways out", () => {
            const both = preview(create(0), create(1));
            assert.equal(
                planOf(evidence({ state, preview: both })).refusal,
                "volume vol-0 (data-0 in the state), vol-1 (data-1 in the state) was deleted by what was interrupted, the " +
                    "program asks for it, and an update would make an EMPTY one in its place: to go on with the deletion, " +
                    "pulumi cancel, then pulumi destroy, or npx zonal-persistent-storage recover with the settings that it was deleted with; if " +
                    "an empty one is as well, pulumi cancel and pulumi refresh, then pulumi up",
            );
        });

        it("continues when they are not needed, still exist, or come from a snapshot", () => {
            assert.equal(planOf(evidence({ state, preview: preview() })).refusal, undefined);
            const restored = preview(create(1, { snapshotId: "snap-1" }));
            assert.equal(planOf(evidence({ state, preview: restored })).refusal, undefined);
        });

        it("distinguishes them from other missing volumes", () => {
            const another = readRecoverState(exported(deleting.slice(1), volumes));
            const { refusal = "" } = planOf(
                evidence({ state: another, preview: preview(create(0), create(1)) }),
            );
            assert.match(
                refusal,
                /^volume vol-0 .* isn't in EC2 any more.*\nvolume vol-1 .* was deleted by what was interrupted/,
            );
        });
    });

    it("refuses to take over objects of others", () => {
        const foreign = [{ urn: pvUrn(0), apiVersion: "v1", kind: "PersistentVolume", name: "data-0" }];
        assert.match(
            planOf(evidence({ foreign })).refusal ?? "",
            /objects that this stack did not create: PersistentV/,
        );
    });

    it("imports volumes in one step, without listing them as created", () => {
        const takenBack = [0, 1].map((ordinal) => ({
            volumeId: `vol-${ordinal}`,
            planned: preview(create(ordinal)).volumes[0]!,
        }));
        const { steps } = planOf(evidence({ takenBack, preview: preview(create(0), create(1)) }));
        assert.deepEqual(
            steps.map(({ args }) => args?.[0] ?? "up"),
            ["refresh", "import", "up", "refresh", "preview"],
        );
        assert.equal(steps[2]?.text, "pulumi up: nothing else changes");
        assert.deepEqual(JSON.parse(steps[1]?.file ?? ""), {
            nameTable: { resource0: storage },
            resources: [0, 1].map((ordinal) => ({
                type: "aws:ebs/volume:Volume",
                name: `data-${ordinal}`,
                id: `vol-${ordinal}`,
                parent: "resource0",
            })),
        });
    });

    it("names an explicit provider", () => {
        const own = "urn:pulumi:dev::shop::pulumi:providers:aws::ireland";
        const [planned] = preview({
            ...create(0),
            newState: { ...goal(0), provider: `${own}::0b1c` },
        }).volumes;
        const { nameTable, resources } = JSON.parse(
            importFile([{ volumeId: "vol-1", planned: planned! }]),
        ) as {
            nameTable: Record<string, string>;
            resources: { provider: string }[];
        };
        assert.equal(nameTable[resources[0]!.provider], own);
    });
});

describe("unrecorded volumes of an interrupted update", () => {
    const since = new Date("2026-11-24T10:00:00Z");
    const volume = (id: string, different: Partial<Volume> = {}): Volume => ({
        VolumeId: id,
        State: "available",
        Size: 10,
        AvailabilityZone: "eu-west-1b",
        Encrypted: true,
        SnapshotId: "",
        CreateTime: new Date("2026-11-24T11:00:00Z"),
        Tags: Object.entries(tags(0)).map(([Key, Value]) => ({ Key, Value })),
        ...different,
    });
    const sort = (volumes: readonly Volume[], different: Partial<VolumeFacts> = {}) => {
        const { takenBack, listed } = leftVolumes({
            interrupted: preview(create(0)).volumes,
            planned: preview(create(0)).volumes,
            volumes,
            used: new Set(),
            urns: new Set([storage]),
            since,
            ...different,
        });
        return {
            back: takenBack.map(({ volumeId }) => volumeId),
            listed: listed.map(({ volumeId, why }) => `${volumeId}: ${why}`),
        };
    };

    it("are imported when the program would create an equal one", () => {
        assert.deepEqual(sort([volume("vol-1")]), { back: ["vol-1"], listed: [] });
        const smaller = sort([volume("vol-1", { Size: 5 })]);
        assert.deepEqual(smaller.back, ["vol-1"], "it grows to what the program asks for");
    });

    it("are ignored when they may hold data", () => {
        const nothing = { back: [], listed: [] };
        assert.deepEqual(sort([volume("vol-1", { CreateTime: new Date("2026-11-24T09:00:00Z") })]), nothing);
        assert.deepEqual(sort([volume("vol-1")], { used: new Set(["vol-1"]) }), nothing);
        assert.deepEqual(sort([volume("vol-1")], { interrupted: [] }), nothing);
        const Tags = [{ Key: "kubernetes.io/created-for/pv/name", Value: "data-0" }];
        assert.deepEqual(sort([volume("vol-1", { Tags })]), nothing);
    });

    const unlike: [string, Partial<Volume>, RegExp][] = [
        [
            "another zone",
            { AvailabilityZone: "eu-west-1c" },
            /it is in eu-west-1c, and the program asks for eu-west-1b/,
        ],
        ["a larger size", { Size: 20 }, /it has 20 GiB, and the program asks for 10/],
        ["another encryption", { Encrypted: false }, /another encryption/],
        ["another origin", { SnapshotId: "snap-1" }, /another snapshot/],
        ["an instance", { State: "in-use", Attachments: [{ InstanceId: "i-1" }] }, /it is in-use/],
    ];
    unlike.forEach(([what, different, why]) =>
        it(`are listed when they have ${what}`, () => {
            const { back, listed } = sort([volume("vol-1", different)]);
            assert.deepEqual([back, listed.length], [[], 1]);
            assert.match(listed[0]!, why);
        }),
    );

    it("are listed when the program or the state no longer has them", () => {
        assert.match(sort([volume("vol-1")], { planned: [] }).listed[0]!, /makes no volume of its name/);
        assert.match(sort([volume("vol-1")], { urns: new Set() }).listed[0]!, /doesn't have the storage/);
    });

    it("are imported newest first", () => {
        const older = volume("vol-1", { CreateTime: new Date("2026-11-24T10:30:00Z") });
        const { back, listed } = sort([older, volume("vol-2")]);
        assert.deepEqual([back, listed], [["vol-2"], ["vol-1: a newer one is taken back in its place"]]);
    });

    it("are newer than the last completed update or the first resource", () => {
        const history = [
            { kind: "refresh", endTime: "2026-11-24T12:00:00Z" },
            { kind: "update", endTime: "2026-11-24T10:00:00Z" },
        ];
        assert.deepEqual(earliestCreation(JSON.stringify(history), {}), since);
        const created = new Date("2026-11-24T08:00:00Z");
        assert.deepEqual(earliestCreation("[]", { created }), created);
    });
});

describe("existing objects", () => {
    const planned = (kind: string, different: Partial<PlannedObject> = {}): PlannedObject => ({
        urn: "urn:of-it",
        apiVersion: "v1",
        kind,
        name: "data-0",
        ...different,
    });
    const persistentVolume = (name: string, volumeHandle: string): V1PersistentVolume => ({
        metadata: { name },
        spec: { csi: { driver: "ebs.csi.aws.com", volumeHandle }, storageClassName: "data" },
    });
    const ours = {
        interrupted: new Set<string>(),
        volumeIds: new Set(["vol-1"]),
        persistentVolumeNames: new Set(["data-0"]),
        persistentVolumes: [persistentVolume("data-0", "vol-1")],
    };
    const pulumi = { managers: ["pulumi-kubernetes", "kube-controller-manager"] };
    const isTaken = (one: PlannedObject, live = pulumi, different: Partial<typeof ours> = {}) =>
        sortPresent([{ planned: one, live }], { ...ours, ...different }).takenOver.length === 1;

    it("belong to this stack when an interrupted update was creating them", () => {
        assert.ok(
            isTaken(planned("Secret"), { managers: ["kubectl"] }, { interrupted: new Set(["urn:of-it"]) }),
        );
    });

    it("belong to this stack when Pulumi created them for its volumes", () => {
        assert.ok(isTaken(planned("PersistentVolume")));
        assert.ok(isTaken(planned("PersistentVolumeClaim", { persistentVolumeName: "data-0" })));
        assert.ok(isTaken(planned("StorageClass", { name: "data" })));
        assert.ok(!isTaken(planned("PersistentVolume"), { managers: ["kubectl"] }));
    });

    it("belong to others otherwise", () => {
        assert.ok(!isTaken(planned("PersistentVolume"), pulumi, { volumeIds: new Set() }));
        assert.ok(!isTaken(planned("PersistentVolumeClaim", { persistentVolumeName: "another" })));
        const persistentVolumes = [persistentVolume("another", "vol-2")];
        assert.ok(!isTaken(planned("StorageClass", { name: "data" }), pulumi, { persistentVolumes }));
        assert.ok(!isTaken(planned("Secret")));
    });

    it("lose fields to the update only when all other managers are Pulumi's", () => {
        const one = `Apply failed with 1 conflict: conflict with "pulumi-kubernetes-1a2b3c4d" using v1: .metadata.labels.x`;
        const two = `${one}\nconflict with "kubectl-edit" using v1: .metadata.labels.y`;
        assert.ok(isOwnConflict(one));
        assert.ok(!isOwnConflict(two));
        assert.deepEqual(conflictManagers(two), ["kubectl-edit", "pulumi-kubernetes-1a2b3c4d"]);
        assert.ok(!isOwnConflict("error: already exists"));
    });

    it("are released by managers of interrupted updates only", () => {
        const managers = ["pulumi-kubernetes", "pulumi-kubernetes-1a", "pulumi-kubernetes-2b", "kubectl"];
        assert.deepEqual(orphanedManagers({ managers }, "pulumi-kubernetes-2b"), ["pulumi-kubernetes-1a"]);
        assert.deepEqual(orphanedManagers({ managers }, undefined), []);
    });
});

describe("preview", () => {
    it("lists created resources without unknown values", () => {
        const object = (volumeHandle: string) => ({
            op: "create",
            urn: pvUrn(0),
            newState: {
                urn: pvUrn(0),
                type: "kubernetes:core/v1:PersistentVolume",
                inputs: {
                    apiVersion: "v1",
                    kind: "PersistentVolume",
                    metadata: { name: "data-0" },
                    spec: { csi: { volumeHandle } },
                },
            },
        });
        const replaced = { ...object("vol-1"), op: "replace" };
        assert.deepEqual(preview(replaced).objects, [], "it is there, and is replaced");
        const answer = { code: 0, stdout: JSON.stringify({ steps: [replaced] }), stderr: "" };
        assert.equal(readPreview(answer, new Set([pvUrn(0)])).objects[0]?.volumeId, "vol-1");
        const { changes, objects } = preview(object("vol-1"), { op: "same", urn: volumeUrn(0) });
        assert.deepEqual(changes, ["create PersistentVolume data-0"]);
        assert.equal(objects[0]?.volumeId, "vol-1");
        assert.equal(preview(object("04da6b54-80e4-46f7-96ec-b56ff0331ba9")).objects[0]?.volumeId, undefined);
    });

    it("reports the CLI's message when the output isn't JSON", () => {
        assert.equal(
            readPreview({ code: 1, stdout: "", stderr: "error: no stack selected\n" }).problem,
            "no stack selected",
        );
    });
});
