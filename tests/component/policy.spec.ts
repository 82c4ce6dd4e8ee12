import type {
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
} from "@pulumi/policy";
import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import assert from "node:assert/strict";
import { policies } from "../../policy/policies";
import { make, volumeType, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";
import type { Registration } from "../support/mocks/mocks";

/** The policies' violations of a program in a stack: `policy: resource: text`. */
async function violations(
    program: () => object,
    stack = "prod",
    config: object = {},
    actualZones: Record<string, string> = {},
): Promise<string[]> {
    const { registrations } = await record(program, world, { actualZones });
    const said: string[] = [];
    const resources = asResources(registrations, stack, actualZones);
    const common = {
        stackTags: new Map<string, string>(),
        getConfig: () => config,
        notApplicable: (): never => assert.fail(),
    };
    for (const policy of policies) {
        const about = (name: string) => (text: string) => said.push(`${policy.name}: ${name}: ${text}`);
        for (const resource of resources) {
            const { validateResource } = policy as ResourceValidationPolicy;
            const args = { ...resource, ...common } as unknown as ResourceValidationArgs;
            await (validateResource as ((...all: unknown[]) => unknown) | undefined)?.(
                args,
                about(resource.name),
            );
        }
        const { validateStack } = policy as Partial<StackValidationPolicy>;
        const args = { resources, ...common } as unknown as StackValidationArgs;
        await validateStack?.(args, (text, urn) =>
            about(resources.find((one) => one.urn === urn)?.name ?? "")(text),
        );
    }
    return said;
}

/** Registered resources, in the engine's form for a policy pack. */
function asResources(
    registrations: readonly Registration[],
    stack: string,
    actualZones: Record<string, string>,
): PolicyResource[] {
    const made = registrations
        .filter(({ custom }) => custom)
        .map(({ type, name, inputs, protect = false, dependencies }) => {
            const availabilityZone = actualZones[name] ?? inputs.availabilityZone;
            return {
                type,
                name,
                urn: `urn:pulumi:${stack}::project::${type}::${name}`,
                props: type === volumeType ? { ...inputs, availabilityZone } : inputs,
                opts: { protect },
                dependsOn: dependencies.map((urn) => urn.split("::").slice(-2)),
            };
        });
    return made.map((one) => ({
        ...one,
        dependencies: made.filter(({ type, name }) =>
            one.dependsOn.some(([of, called]) => of?.endsWith(type) && called === name),
        ),
    })) as unknown as PolicyResource[];
}

/** A PersistentVolume of someone who writes their own. */
const persistentVolume = (zones: string[][], reclaimPolicy = "Retain") => ({
    spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: reclaimPolicy,
        csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" },
        nodeAffinity: {
            required: {
                nodeSelectorTerms: zones.map((values) => ({
                    matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values }],
                })),
            },
        },
    },
});

describe("the policies", () => {
    it("accept the component's defaults", async () => {
        assert.deepEqual(await violations(make), []);
        assert.deepEqual(
            await violations(make, "prod", {}, { "jenkins-1": "eu-west-1a" }),
            [],
            "nor of a volume that is elsewhere than asked for",
        );
    });

    it("reject a volume without encryption", async () => {
        assert.deepEqual(
            await violations(() => make({ count: 1, volume: { sizeGiB: 1, encrypted: false } })),
            [
                "encryption: jenkins-1: volume.encrypted must be true, got false: remove it, true is the default",
            ],
        );
        assert.deepEqual(
            await violations(() => ({
                one: new aws.ebs.Volume(
                    "bare",
                    { availabilityZone: "eu-west-1a", size: 1 },
                    { protect: true },
                ),
            })),
            ["encryption: bare: volume.encrypted must be true, got false: remove it, true is the default"],
        );
    });

    it("reject an unprotected volume in production", async () => {
        const program = () => make({ count: 1, protect: false });
        const text = "protect: jenkins-1: protect must be true in stack";
        const wayOut = "remove it, true is the default";
        assert.deepEqual(await violations(program, "prod"), [`${text} prod: ${wayOut}`]);
        assert.deepEqual(await violations(program, "production"), [`${text} production: ${wayOut}`]);
        assert.deepEqual(await violations(program, "dev"), []);
        assert.deepEqual(await violations(program, "live", { stacks: ["live"] }), [
            `${text} live: ${wayOut}`,
        ]);
        assert.deepEqual(await violations(program, "prod", { stacks: ["live"] }), []);
    });

    it("reject a PersistentVolume with the reclaim policy Delete", async () => {
        assert.deepEqual(
            await violations(() => ({
                one: new kubernetes.core.v1.PersistentVolume(
                    "gone",
                    persistentVolume([["eu-west-1a"]], "Delete"),
                ),
            })),
            ["retain: gone: spec.persistentVolumeReclaimPolicy must be Retain, got Delete"],
        );
    });

    it("reject a PersistentVolume for several zones or another zone than its volume's", async () => {
        const said = (zones: string[][]) =>
            violations(() => {
                const volume = new aws.ebs.Volume(
                    "data",
                    { availabilityZone: "eu-west-1a", size: 1, encrypted: true },
                    { protect: true },
                );
                const { spec } = persistentVolume(zones);
                const csi = { ...spec.csi, volumeHandle: volume.id };
                return { pv: new kubernetes.core.v1.PersistentVolume("pv", { spec: { ...spec, csi } }) };
            });
        assert.deepEqual(await said([["eu-west-1a"]]), []);
        assert.deepEqual(await said([["eu-west-1b"]]), [
            "zone: pv: spec.nodeAffinity must name the volume's zone eu-west-1a, got eu-west-1b",
        ]);
        for (const zones of [[["eu-west-1a", "eu-west-1b"]], [["eu-west-1a"], ["eu-west-1b"]], []]) {
            const [text, ...others] = await said(zones);
            assert.match(text ?? "", /^zone: pv: spec.nodeAffinity must name one zone, got \{/);
            assert.deepEqual(others, []);
        }
    });

    it("reject public snapshots", async () => {
        const said = await violations(() => ({
            one: new aws.ec2.SnapshotCreateVolumePermission("all", {
                snapshotId: "snap-1",
                accountId: "all",
            }),
            two: new aws.ec2.SnapshotCreateVolumePermission("one", {
                snapshotId: "snap-1",
                accountId: "123456789012",
            }),
            three: new aws.ec2.AmiLaunchPermission("image", { imageId: "ami-1", group: "all" }),
            four: new aws.ebs.SnapshotBlockPublicAccess("open", { state: "unblocked" }),
            five: new aws.ebs.SnapshotBlockPublicAccess("blocked", { state: "block-all-sharing" }),
        }));
        assert.deepEqual(said.sort(), [
            "no-public-snapshot: all: accountId must be one account's, 12 digits, got all",
            'no-public-snapshot: image: group must be left out, got "all": it makes the image public',
            "no-public-snapshot: open: state must be block-all-sharing or block-new-sharing, got unblocked",
        ]);
    });
});
