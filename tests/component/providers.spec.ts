import assert from "node:assert/strict";
import * as awsSdk from "@pulumi/aws";
import * as kubernetesSdk from "@pulumi/kubernetes";
import { ZonalPersistentStorage } from "../../components";
import { queryWithStatus } from "../../components/lookups/awsQueries";
import {
    classType,
    cluster,
    jenkins,
    make,
    node,
    persistentVolumeType,
    volumeType,
    world,
} from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";
import type { Registration, World } from "../support/mocks/mocks";

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const claims = { statefulSet: "web", template: "www", create: true };
const existing = {
    "vol-1": {
        availabilityZone: "eu-west-1b",
        size: 1,
        tags: { "ebs.csi.aws.com/cluster": "true" },
    },
};
const inFrankfurt: World = {
    region: "eu-central-1",
    zones: ["eu-central-1b", "eu-central-1a"],
    instances: [node("eu-central-1a"), node("eu-central-1b", undefined, "stopped")],
};

/** Names of providers, by what uses them. */
const named = (provider: string) => /pulumi:providers:\w+::([^:]+)::/.exec(provider)?.[1];
const users = (registrations: Record<string, Registration>) =>
    Object.fromEntries(Object.entries(registrations).map(([name, { provider }]) => [name, named(provider)]));

describe("providers", () => {
    it("are each storage's own for all its children and calls: two clusters in two accounts", async () => {
        const providers = (name: string) => ({
            aws: new awsSdk.Provider(`${name}-account`, { region: "eu-west-1" }),
            kubernetes: new kubernetesSdk.Provider(`${name}-cluster`, {}),
        });
        const { calls, of, result } = await record(
            () => {
                const shop = new ZonalPersistentStorage(
                    "shop",
                    { ...jenkins, start: 0, claims, dynamicStorageClass: { name: "shop-dynamic" } },
                    { providers: providers("shop") },
                );
                const lab = new ZonalPersistentStorage(
                    "lab",
                    {
                        clusterName: "lab.k8s.local",
                        count: 2,
                        volume: { sizeGiB: 1 },
                        zones: ["eu-west-1b"],
                        overrides: { "1": { volumeId: "vol-1" } },
                        storageClass: { create: false },
                    },
                    { providers: providers("lab") },
                );
                return { shop: shop.zones, lab: lab.zones };
            },
            {
                accounts: {
                    "shop-account": world,
                    "lab-account": { zones: ["eu-west-1a", "eu-west-1b"], volumes: existing },
                },
            },
        );
        assert.deepEqual(result, { shop: ["eu-west-1b", "eu-west-1c"], lab: ["eu-west-1b"] });

        const ofAws = users(of(volumeType));
        assert.deepEqual(ofAws, {
            "lab-0": "lab-account",
            "shop-0": "shop-account",
            "shop-1": "shop-account",
            "shop-2": "shop-account",
        });
        [persistentVolumeType, claimType, classType, "kubernetes:core/v1:Namespace"].forEach((type) =>
            Object.entries(users(of(type))).forEach(([name, provider]) =>
                assert.equal(provider, `${name.split("-")[0]}-cluster`, `${type} ${name}`),
            ),
        );
        assert.equal(Object.keys(of(persistentVolumeType)).length, 3 + 2);
        assert.equal(Object.keys(of(claimType)).length, 3);

        const tokens = (name: string) =>
            calls
                .filter(({ provider }) => named(provider) === name)
                .map(({ token }) => token.split(":").at(-1))
                .sort();
        assert.equal(calls.length, 4 + 5);
        assert.deepEqual(tokens("shop-account"), [
            "getAvailabilityZones",
            ...["getInstances", "getInstances", "getInstances"],
        ]);
        assert.deepEqual(tokens("lab-account"), [
            "getAvailabilityZones",
            ...["getEbsVolumes", "getEbsVolumes"],
            "getInstances",
            "getVolume",
        ]);
    });
});

describe("the region", () => {
    it("is the provider's when none is given", async () => {
        const { calls, of } = await record(make, world);
        assert.deepEqual(
            [...calls, ...Object.values(of(volumeType))].filter(({ inputs }) => "region" in inputs),
            [],
        );
    });

    it("is used in every call and for every volume when it is given", async () => {
        const place = {
            ...world,
            volumes: existing,
            regions: { "eu-central-1": { ...inFrankfurt, volumes: existing } },
        };
        const { calls, of, result } = await record(
            () => make({ region: "eu-central-1", overrides: { "3": { volumeId: "vol-1" } } }),
            place,
        );
        assert.deepEqual(result?.zones, ["eu-central-1a"]);
        assert.equal(calls.length, 1 + 2 + 3);
        [...calls, ...Object.values(of(volumeType))].forEach(({ inputs }) =>
            assert.equal(inputs.region, "eu-central-1"),
        );
    });

    it("can be another one for each storage of one provider", async () => {
        const { of } = await record(
            () => {
                const args = { clusterName: cluster, count: 1, volume: { sizeGiB: 1 } };
                new ZonalPersistentStorage("here", args);
                new ZonalPersistentStorage("there", { ...args, region: "eu-central-1" });
                return {};
            },
            { ...world, regions: { "eu-central-1": inFrankfurt } },
        );
        assert.deepEqual(
            Object.values(of(volumeType)).map(({ inputs }) => inputs.availabilityZone),
            ["eu-west-1b", "eu-central-1a"],
        );
    });
});

describe("questions to AWS", () => {
    const token = (name: string) => (call: { token: string }) => call.token.endsWith(`:${name}`);

    it("are asked once for all storages of a cluster and provider", async () => {
        const { calls } = await record(() => {
            ["web", "db", "queue"].forEach(
                (name) =>
                    new ZonalPersistentStorage(name, { ...jenkins, persistentVolume: {}, storageClass: {} }),
            );
            return {};
        }, world);
        assert.equal(calls.filter(token("getAvailabilityZones")).length, 1);
        assert.equal(calls.filter(token("getInstances")).length, 3, "one for each zone of the region");
        assert.equal(calls.length, 4);
    });

    it("name no more than 100 volumes, EC2's 200 values of filters", async () => {
        const ids = Array.from({ length: 201 }, (_, index) => `vol-${index}`);
        const { calls } = await record(async () => {
            await queryWithStatus(ids, "in-use", undefined, {});
            return {};
        }, world);
        const values = calls
            .filter(token("getEbsVolumes"))
            .map(({ inputs }) => (inputs.filters as { values: string[] }[])[0]!.values.length);
        assert.deepEqual(values, [100, 100, 1]);
    });
});
