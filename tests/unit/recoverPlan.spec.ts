import assert from "node:assert/strict";
import { hostname } from "node:os";
import { planOf } from "../../tools/recover/plan";
import type { Evidence } from "../../tools/recover/plan";
import { readPreview } from "../../tools/engine/preview";
import { readRecoverState } from "../../tools/recover/recoverState";
import { importFile } from "../../tools/engine/importFile";
import { create, exported, goal, preview, pvUrn, storage } from "../support/fixtures/interruptedUpdate";

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
        leftSnapshots: [],
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

    it("names the command that removes the lock when the program refuses the settings", () => {
        const refused = { ...preview(), problem: "overrides.0.moves.0.snapshotId is missing" };
        const refusal = (locks: Evidence["locks"]) =>
            planOf(evidence({ locks, preview: refused })).refusal ?? "";
        assert.match(
            refusal([lock]),
            /snapshotId is missing\npulumi cancel removes the lock .*; correct them/,
        );
        assert.doesNotMatch(refusal([]), /pulumi cancel/);
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

    it("refuses to take over an object that the state has under another name", () => {
        const object = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "data" } };
        const type = "kubernetes:storage.k8s.io/v1:StorageClass";
        const urnOf = (name: string) => pvUrn(0).replace(/[^$]+$/, `${type}::${name}`);
        const state = readRecoverState(exported([], [{ urn: urnOf("data"), type, outputs: object }]));
        const planned = (name: string) => ({
            state,
            preview: preview({
                op: "create",
                urn: urnOf(name),
                newState: { urn: urnOf(name), type, inputs: object },
            }),
        });
        assert.match(
            planOf(evidence(planned("registry"))).refusal ?? "",
            /what the state has under another name: StorageClass data \(data in the state\); .* in aliases/,
        );
        assert.doesNotMatch(planOf(evidence(planned("data"))).refusal ?? "", /another name/);
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
                name: `imported${ordinal}`,
                logicalName: `data-${ordinal}`,
                id: `vol-${ordinal}`,
                parent: "resource0",
            })),
        });
    });

    it("imports a volume of a named region by both", () => {
        const far = preview(create(0, { region: "eu-central-1" }));
        const takenBack = [{ volumeId: "vol-1", planned: far.volumes[0]! }];
        const [step] = planOf(evidence({ preview: far, takenBack })).steps.flatMap(({ file }) => file ?? []);
        assert.match(step ?? "", /"id": "vol-1@eu-central-1"/);
    });

    it("names snapshots that aren't recorded, and where to look for volumes", () => {
        const region = "eu-central-1";
        const { notes } = planOf(
            evidence({
                listed: [{ volumeId: "vol-1", name: "data-0", region, why: "it is in-use" }],
                leftSnapshots: [{ snapshotId: "snap-1", name: "data-0-moved-1", region }],
            }),
        );
        assert.match(
            notes[0] ?? "",
            /it is in-use; .* doctor --region=eu-central-1 has the commands for it$/,
        );
        assert.equal(
            notes[1],
            "snapshot snap-1 was begun for data-0-moved-1 and isn't in the state: if nobody needs it, aws ec2 delete-snapshot --snapshot-id=snap-1 --region=eu-central-1",
        );
    });

    it("names an explicit provider", () => {
        const own = "urn:pulumi:dev::shop::pulumi:providers:aws::ireland";
        const [planned] = preview({
            ...create(0),
            newState: { ...goal(0), provider: `${own}::0b1c` },
        }).volumes;
        const { nameTable, resources } = JSON.parse(importFile([{ ...planned!, id: "vol-1" }])) as {
            nameTable: Record<string, string>;
            resources: { provider: string }[];
        };
        assert.equal(nameTable[resources[0]!.provider], own);
    });
});
