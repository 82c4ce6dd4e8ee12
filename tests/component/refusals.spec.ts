import assert from "node:assert/strict";
import { output } from "@pulumi/pulumi";
import type { MoveArgs } from "../../components";
import { ZonalPersistentStorage } from "../../components";
import type { StackState } from "../../components/engine/stackState";
import { childUrn } from "../../components/engine/stackState";
import { childTypes } from "../../components/engine/resourceTypes";
import { beginTogether, knownFailures } from "../../components/validation/together";
import { recordedState, recordedStorage, storageUrn } from "../support/fixtures/recordedState";
import { cluster, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";
import { program } from "../support/mocks/program";

const one = { count: 1, volume: { sizeGiB: 1 } };

describe("the program", () => {
    const refusal = async (storages: Readonly<Record<string, object>>, state: StackState) => {
        const settings = { cluster: { name: cluster }, storages };
        const { error, registrations } = await recordFailure(program("index.ts", settings), world, { state });
        const made = registrations.filter(({ type }) => !type.startsWith("pulumi:"));
        return { message: error.message, made: made.map(({ name }) => name) };
    };
    const disk = (name: string) =>
        recordedState([
            ["volume", name, `vol-${name}`],
            ["persistentVolume", name, `vol-${name}`],
        ]);

    it("registers no storage when one is rejected by the state or by the account", async () => {
        const state = { ...disk("logs-0"), ...disk("logs-1") };
        const byState = await refusal({ data: one, logs: one }, state);
        assert.match(byState.message, /count must leave volume vol-logs-1/);
        assert.deepEqual(byState.made, []);
        const missing = { ...one, overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
        const byAccount = await refusal({ data: one, logs: missing }, {});
        assert.match(byAccount.message, /overrides\.0\.volumeId must be a volume of this account/);
        assert.deepEqual(byAccount.made, []);
    });

    it("names all storages that are rejected, with everything that is wrong with them", async () => {
        const missing = { ...one, overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
        const elsewhere = { ...one, zones: ["eu-west-1z"] };
        const state = { ...disk("tmp-0"), ...recordedStorage("tmp", true) };
        const storages = { data: elsewhere, web: one, logs: elsewhere, cache: { ...elsewhere, ...missing } };
        const { message, made } = await refusal(storages, state);
        const zones = [
            "there are no such availability zones:",
            '  - zones: no availability zone "eu-west-1z" in eu-west-1, available are eu-west-1c, eu-west-1a, eu-west-1b',
        ];
        const lines = message.split("\n");
        assert.deepEqual(
            [lines[0], lines.slice(2)],
            [
                "the stack has storages that can't be removed:",
                [
                    'ZonalPersistentStorage "data", "logs" can\'t be made or updated:',
                    ...zones,
                    'ZonalPersistentStorage "cache" can\'t be made or updated:',
                    ...zones,
                    "there are volumes that can't be used:",
                    '  - overrides.0.volumeId must be a volume of this account and region, got "vol-0123456789abcdef0"',
                ],
            ],
        );
        assert.match(lines[1] ?? "", /^ {2}- storages\.tmp must stay: /);
        assert.deepEqual(made, []);
    });

    it("names what is wrong with one alongside as far as it needs no zone", async () => {
        const from = { cluster: "other.k8s.local", storage: "web" };
        const beside = { ...one, volume: { sizeGiB: 1, from }, alongside: "data" };
        const { message } = await refusal({ data: { ...one, zones: ["eu-west-1z"] }, logs: beside }, {});
        assert.match(message, /"data" can't be made or updated:\n[^]*eu-west-1z/);
        assert.match(
            message,
            /"logs" can't be made or updated:\n[^]*volume\.from must have a complete snapshot/,
        );
    });

    it("registers no storage when one that is alongside it is rejected by the state or by the account", async () => {
        const beside = { ...one, alongside: "data" };
        const byState = await refusal({ data: one, logs: beside }, { ...disk("logs-0"), ...disk("logs-1") });
        assert.match(byState.message, /count must leave volume vol-logs-1/);
        const missing = { ...beside, overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
        const byAccount = await refusal({ data: one, logs: missing }, {});
        assert.match(byAccount.message, /overrides\.0\.volumeId must be a volume of this account/);
        assert.deepEqual([byState.made, byAccount.made], [[], []]);
    });

    it("rejects a smaller count, or a removed storage, when the volumes are still protected", async () => {
        const unprotected = { ...one, protect: false };
        const two = { ...disk("data-0"), ...disk("data-1") };
        const smaller = await refusal({ data: unprotected }, { ...two, ...recordedStorage("data", true) });
        assert.match(smaller.message, /count must leave volume vol-data-1 .* without any other change/);
        const removed = await refusal({ data: one }, { ...disk("logs-0"), ...recordedStorage("logs", true) });
        assert.match(removed.message, /storages\.logs must stay: its volumes are protected, vol-logs-0\./);
        assert.deepEqual([smaller.made, removed.made], [[], []]);
    });

    it("goes on where the volumes aren't protected, with a warning where the state doesn't say so", async () => {
        const settings = { cluster: { name: cluster }, storages: { data: { ...one, protect: false } } };
        const two = {
            ...disk("data-0"),
            ...disk("data-1"),
            ...recordedState([["volume", "data-0-moved-1", "vol-2"]]),
        };
        const unsure = [
            /^volume vol-2 of ordinal 0 leaves the storage, and the state doesn't say whether it is protected/,
            /^volume vol-data-1 of ordinal 1 leaves the storage/,
        ];
        for (const [own, warnings] of [
            [{}, unsure],
            [recordedStorage("data"), unsure],
            [recordedStorage("data", false), []],
        ] as const) {
            const state = { ...two, ...own };
            const { of, logs } = await record(program("index.ts", settings), world, { state });
            assert.deepEqual(Object.keys(of(volumeType)), ["data-0"]);
            assert.equal(logs.length, warnings.length, logs.join("\n"));
            warnings.forEach((warning, index) => assert.match(logs[index] ?? "", warning));
            const preview = await record(program("index.ts", settings), world, { state, preview: true });
            assert.deepEqual(preview.logs, []);
        }
    });

    it("rejects a rename that didn't end when its alias is taken away", async () => {
        const state = { ...disk("registry-0"), ...disk("data-1"), ...recordedStorage("registry", false) };
        const { message, made } = await refusal({ registry: { ...one, count: 2 } }, state);
        assert.match(message, /aliases: \[data\] is missing: disks in the state still have the name data/);
        assert.deepEqual(made, []);
    });
});

describe("storages that begin together", () => {
    const missing = { ...one, overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
    const create = (name: string, args: object) =>
        new ZonalPersistentStorage(name, { clusterName: cluster, ...one, ...args });

    it("don't wait for one that is created later, which is checked all the same", async () => {
        const { error, of } = await recordFailure(() => {
            beginTogether(output({ texts: [] }));
            const { volumes } = create("data", {});
            return { late: volumes.apply(() => create("late", missing).volumes) };
        }, world);
        assert.match(error.message, /^ZonalPersistentStorage "late" can't be made or updated:\n/);
        assert.match(error.message, /overrides\.0\.volumeId must be a volume of this account/);
        assert.deepEqual(Object.keys(of(volumeType)), ["data-0"]);
        assert.deepEqual(Object.keys(of(persistentVolumeType)), ["data-0"]);
    });

    it("are refused by a failure without a text", async () => {
        const empty = knownFailures("data", [output("")]);
        const { error } = await recordFailure(() => {
            beginTogether(empty);
            return { volumes: create("data", {}).volumes };
        }, world);
        assert.match(error.message, /^ZonalPersistentStorage "data" can't be made or updated:/);
    });
});

describe("a move that was made", () => {
    it("is rejected with another zone, also by the zone's id", async () => {
        const state = recordedState([
            ["volume", "data-0", "vol-0"],
            ["volume", "data-0-moved-1", "vol-1"],
            ["volume", "data-0-moved-2", "vol-2"],
            ["persistentVolume", "data-0", "vol-2"],
        ]);
        const made = state[childUrn(storageUrn("data"), childTypes.volume, "data-0-moved-1")];
        Object.assign(made!.outputs, { availabilityZone: "eu-west-1c" });
        const ids = { ...world, zoneIds: { "eu-west-1b": "euw1-az2", "eu-west-1c": "euw1-az3" } };
        const make = (zone: string) => () => {
            const moves: MoveArgs[] = [{ zone, from: "NewSnapshot" }, { from: "NewSnapshot" }];
            new ZonalPersistentStorage("data", {
                clusterName: cluster,
                ...one,
                overrides: { "0": { moves } },
            });
            return {};
        };
        const { error } = await recordFailure(make("euw1-az2"), ids, { state });
        assert.match(
            error.message,
            /overrides\.0\.moves\.0\.zone must be eu-west-1c, by which the move was made: .*, got "euw1-az2"/,
        );
        await record(make("euw1-az3"), ids, { state });
        await record(make("eu-west-1c"), ids, { state });
    });
});
