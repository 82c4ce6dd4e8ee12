import { RunError } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { disksOf } from "../../components/plan/disks";
import { isReservedTag, volumeTags } from "../../components/plan/tags";
import { readAccess, readStorages } from "../../program/config";
import type { StorageConfig } from "../../program/config";
import { fullStorage } from "../support/fixtures/fullStorage";
import { hostileTexts } from "../support/fixtures/hostile";
import { fc } from "../support/chance";

const project = "zonal-persistent-storage";
const runs = 10_000;

/** Anything at all, and what breaks out where somebody lets it. */
const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(...hostileTexts),
    fc.constantFrom(0, -0, -1, 1.5, 1e9, 2 ** 53, 1e308, null, true, [], {}, [[]], "1"),
);

/** Settings that are right but for some that were swapped for anything, taken away, or got a neighbour. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return fc.oneof({ weight: 80, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: anything });
    }
    const children = fc.record(
        Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mutated(child)])),
        { requiredKeys: [] },
    );
    const neighbour: fc.Arbitrary<[Record<string, unknown>, string, unknown]> = fc.tuple(
        children,
        fc.constantFrom(...hostileTexts),
        anything,
    );
    return fc.oneof(
        { weight: 40, arbitrary: children },
        { weight: 1, arbitrary: anything },
        {
            weight: 1,
            arbitrary: neighbour.map(([own, key, more]) =>
                Object.fromEntries([...Object.entries(own), [key, more]]),
            ),
        },
    );
}

/** Storages under names of all kinds. */
const named = fc
    .tuple(fc.constantFrom("data", ...hostileTexts), fc.constantFrom("web", ...hostileTexts))
    .chain(([a, b]) =>
        mutated({
            cluster: { name: "c" },
            storages: Object.fromEntries([
                [a, fullStorage],
                [b, { count: 2, volume: { sizeGiB: 1 } }],
            ]) as Record<string, unknown>,
        }),
    );
const usual = mutated({
    cluster: { name: "c" },
    storages: { full: fullStorage, other: { count: 2, volume: { sizeGiB: 1 } } },
});
/** Right settings, of which one was swapped for anything. */
const right = {
    cluster: { name: "c" },
    storages: {
        full: { ...fullStorage, alongside: undefined, zoneByOrdinal: undefined },
        other: { count: 2, start: 1, volume: { sizeGiB: 1 }, alongside: "full", aliases: ["before"] },
    },
};
const swapped = fc.tuple(fc.constantFrom(...pathsOf(right)), anything).map(([path, value]) => {
    const settings = JSON.parse(JSON.stringify(right)) as Record<string, unknown>;
    const parent = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, settings);
    parent[path.at(-1) ?? ""] = value;
    return settings;
});

/** Where a map has something, at every depth. */
function pathsOf(map: object, at: readonly string[] = []): string[][] {
    return Object.entries(map).flatMap(([key, value]) => {
        const path = [...at, key];
        const below = typeof value === "object" && value !== null ? pathsOf(value as object, path) : [];
        return value === undefined ? [] : [path, ...below];
    });
}

/** A config as text: what Pulumi hands to the program needn't be JSON. */
const texts = fc.dictionary(
    fc.constantFrom("cluster", "storages", "kubeconfig", "context", ...hostileTexts),
    fc.oneof(fc.string(), fc.constantFrom(...hostileTexts), fc.json()),
);

/** The config by key, as Pulumi hands it to a program. */
function asConfig(settings: unknown): Record<string, string> {
    return Object.fromEntries(
        Object.entries(Object(settings) as object).map(([key, value]) => [
            `${project}:${key}`,
            JSON.stringify(value),
        ]),
    );
}

/** The storages; none if the config is refused as it has to be: all that is wrong, a line each, and no stack trace. */
function read(config: Record<string, string>): StorageConfig[] {
    try {
        readAccess(project, config);
    } catch {
        // It is for a config that readStorages takes.
    }
    try {
        const storages = readStorages(project, config);
        readAccess(project, config);
        return storages;
    } catch (error) {
        assert.ok(RunError.isInstance(error), String(error));
        assert.match(error.message, /^the stack's config can't be used:(\n {2}- [^\p{Cc}\p{Zl}\p{Zp}]+)+$/u);
        assert.equal(error.stack, undefined);
        return [];
    }
}

const name = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Nothing that gets a name from the config is called what Kubernetes, or a shell, would take for something else. */
function assertPlanned({ name: storage, args }: StorageConfig): void {
    const disks = disksOf(storage, args);
    assert.equal(disks.length, args.count, "the plan is whole");
    disks.forEach(({ persistentVolumeName, claimName, ordinal }) => {
        assert.match(persistentVolumeName, name);
        assert.match(claimName ?? "none", name);
        assert.ok(Number.isSafeInteger(ordinal) && ordinal >= 0);
    });
    [args.storageClass?.name, args.dynamicStorageClass?.name, args.claims?.namespace].forEach((given) =>
        assert.match((given as string | undefined) ?? "none", name),
    );
    const cluster = args.clusterName as string;
    const own = volumeTags(cluster, disks[0]!.persistentVolumeName);
    const tags = { ...own, ...(args.volume.tags as Record<string, string> | undefined) };
    assert.equal(tags["KubernetesCluster"], cluster, "no tag of the config's stands for the component's");
    Object.keys(own)
        .filter((key) => key !== "Name")
        .forEach((key) => assert.ok(isReservedTag(key), key));
    Object.entries(tags).forEach(([key, value]) => {
        assert.ok(value.length <= 256 && key.length <= 128, key);
    });
}

describe("random config", function () {
    // A third of it on an idle machine.
    this.timeout(60_000);

    const kinds: [string, fc.Arbitrary<Record<string, string>>, number][] = [
        ["mutated", usual.map(asConfig), runs],
        ["with one setting swapped", swapped.map(asConfig), runs / 5],
        ["with hostile names", named.map(asConfig), runs / 5],
        ["of any text", texts.map((map) => prefixed(map)), runs / 5],
    ];
    kinds.forEach(([what, arbitrary, numRuns]) =>
        it(`is accepted or rejected with a list of problems: ${numRuns} ${what}`, () => {
            let used = 0;
            fc.assert(
                fc.property(arbitrary, (config) => {
                    const storages = read(config);
                    storages.forEach(assertPlanned);
                    storages.forEach(({ alongside }) =>
                        assert.ok(alongside === undefined || storages.some(({ name }) => name === alongside)),
                    );
                    used += Math.sign(storages.length);
                }),
                { numRuns },
            );
            console.log(`      ${used} of ${numRuns} were used`);
            assert.ok(used > 0 || !/mutated|swapped/.test(what), "some of them have to be right");
        }),
    );
});

describe("random config with secret keys", function () {
    this.timeout(60_000);

    it(`is rejected without its values in messages: ${runs / 5} with one setting swapped`, () => {
        fc.assert(
            fc.property(swapped.map(asConfig), (config) => {
                const lines = refusals(config).filter((line) => line.includes(", got "));
                lines.forEach((line) => assert.match(line, /, got \[secret\]$/));
            }),
            { numRuns: runs / 5 },
        );
    });
});

/** Problems of a config all of whose keys are secret, a line each. */
function refusals(config: Record<string, string>): string[] {
    try {
        readStorages(project, config, () => true);
        return [];
    } catch (error) {
        return (error as Error).message.split("\n  - ").slice(1);
    }
}

function prefixed(map: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(map).map(([key, text]) => [`${project}:${key}`, text]));
}
