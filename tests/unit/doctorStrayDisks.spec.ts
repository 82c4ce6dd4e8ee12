import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { findings } from "../../tools/doctor/findings";
import type { Finding } from "../../tools/doctor/finding";
import type { Inventory } from "../../tools/inspect/inventory";
import { readState } from "../../tools/inspect/state";
import {
    allInState,
    both,
    bothVolumes,
    clusterName,
    component,
    persistentVolume,
    inventoryWith,
    state,
    tags,
    volume,
} from "../support/fixtures/twoDisks";

/** A stack that has lost the volume of disk 1, with these overrides in its settings. */
function lost(overrides?: object, ofStorage: object = {}): Inventory["state"] {
    const inputs = { clusterName, count: 2, overrides };
    return state(
        { "data-0": "vol-0" },
        { "data-0": "vol-0", "data-1": "vol-1" },
        {},
        { inputs, ...ofStorage },
    );
}

const importIt = (name = "data-1") => [
    `pulumi import --parent=data=${component} --protect=false --generate-code=false -- aws:ebs/volume:Volume ${name} vol-1`,
    "check that pulumi preview creates or replaces no volume, then",
    "pulumi up",
];
const isThere: Finding = {
    what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1), which is in EC2: a pulumi up would make an EMPTY one in its place",
    mend: importIt(),
};
const restoreIt = (wish: string) => [
    "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-1 --region=eu-west-1",
    `restore first: ${wish}, ${wish.startsWith("add") ? "set " : ""}overrides.1.lostVolumeId to vol-1, and only then`,
    "pulumi up",
    "without a snapshot nothing brings its data back, and pulumi up then makes an EMPTY volume",
];
const outputs = {
    volumes: [
        { ordinal: 0, volumeId: "vol-0", persistentVolumeName: "data-0" },
        { ordinal: 1, volumeId: "vol-1", persistentVolumeName: "data-1" },
    ],
};

describe("doctor: volumes that the state has lost", () => {
    it("imports a volume that exists in EC2", () => {
        assert.deepEqual(findings(inventoryWith({ state: lost() })), [isThere]);
    });

    it("imports no volume of another cluster", () => {
        const volumes = [
            bothVolumes[0]!,
            volume("vol-1", "data-1", { Tags: tags(volumeTags("otro", "data-1")) }),
        ];
        const [found, other] = findings(inventoryWith({ volumes, state: lost() }));
        assert.deepEqual(found?.mend, [
            "by its tags it is another cluster's: see to that first, then",
            "npm run doctor",
        ]);
        assert.match(
            other!.what,
            /^PersistentVolume data-1 is on volume vol-1, which by its tags is a volume of cluster otro/,
        );
    });

    it("imports the volume of a moved disk under its current name", () => {
        const [found, ...others] = findings(
            inventoryWith({ state: lost({ "1": { moves: [{}, { previous: "Release" }] } }) }),
        );
        assert.deepEqual([found?.mend, others], [importIt("data-1-moved-2"), []]);
    });

    it("restores a volume that is not in EC2", () => {
        const gone = inventoryWith({ volumes: [bothVolumes[0]!], state: lost() });
        assert.deepEqual(findings(gone), [
            {
                what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1), and EC2 in eu-west-1 doesn't have it: a pulumi up would make an EMPTY one in its place",
                mend: restoreIt("set overrides.1.snapshotId of storage data to its last snapshot"),
            },
        ]);
        const [moved] = findings({ ...gone, state: lost({ "1": { moves: [{}] } }) });
        assert.deepEqual(
            moved?.mend,
            restoreIt(
                "add a move with its last snapshot, its zone and previous: Release to overrides.1.moves of storage data",
            ),
        );
    });

    it("shows both ways out when EC2 can't be read", () => {
        assert.deepEqual(findings(inventoryWith({ volumes: null, state: lost() })), [
            {
                what: "the state of stack test has lost volume vol-1 (PersistentVolume data-1): a pulumi up would make an EMPTY one in its place",
                mend: [
                    "aws ec2 describe-volumes --volume-ids=vol-1",
                    "if it is there,",
                    ...importIt(),
                    "if it isn't, restore it from a snapshot: docs/doctor.md, A volume that the state has lost",
                ],
            },
        ]);
    });

    it("finds a volume by the storage's outputs when the PersistentVolume is lost as well", () => {
        const inputs = { clusterName, count: 2 };
        const both = state({ "data-0": "vol-0" }, { "data-0": "vol-0" }, {}, { inputs, outputs });
        assert.deepEqual(findings(inventoryWith({ state: both })), [isThere]);
    });

    it("reports each volume once", () => {
        assert.deepEqual(
            findings(inventoryWith({ state: lost(undefined, { inputs: { clusterName }, outputs }) })),
            [isThere],
        );
    });

    it("ignores volumes that an override names, also by a secret", () => {
        for (const volumeId of [
            "vol-1",
            { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" },
        ]) {
            assert.deepEqual(
                findings(inventoryWith({ state: lost({ "1": { volumeId } }, { outputs }) })),
                [],
            );
        }
    });

    it("reports nothing when the state has no settings", () => {
        const secret = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            ciphertext: "x",
        };
        [{ inputs: undefined }, { inputs: {} }, { inputs: { clusterName, overrides: secret } }].forEach(
            (unknown) => assert.deepEqual(findings(inventoryWith({ state: lost({}, unknown) })), []),
        );
    });

    it("reports nothing when no PersistentVolume uses the volume", () => {
        const inputs = { clusterName, count: 2 };
        const forgotten = state({ "data-0": "vol-0" }, { "data-0": "vol-0" }, {}, { inputs, outputs });
        const [leftBehind, ...others] = findings(
            inventoryWith({ persistentVolumes: [both[0]!], state: forgotten }),
        );
        assert.match(
            leftBehind!.what,
            /^volume vol-1 .* neither the state of stack test nor a PersistentVolume/,
        );
        assert.deepEqual(others, []);
    });
});

/** A state in which the storage is called `registry`, and these disks aren't yet. */
function halfRenamed(former: readonly string[], parent = `${component.replace(/::data$/, "")}::registry`) {
    const chain = component.replace(/::data$/, "");
    const disk = (type: string, name: string) => ({ type, parent, urn: `${chain}$${type}::${name}` });
    const resources = ["registry-0", "registry-1-moved-1", ...former].flatMap((name) => [
        { ...disk("aws:ebs/volume:Volume", name), id: `vol-${name}` },
        { ...disk("kubernetes:core/v1:PersistentVolume", name), id: name },
    ]);
    const ofUser = { ...disk("aws:ebs/volume:Volume", "registry-of-somebody"), id: "vol-9" };
    return readState(JSON.stringify({ deployment: { resources: [...resources, ofUser] } }), "it");
}

describe("doctor: incomplete renames", () => {
    const others = inventoryWith({ persistentVolumes: [], volumes: null, clusterNames: ["otro"] });
    const renames = (read: Inventory["state"]) =>
        findings({ ...others, state: read }).filter(({ what }) => what.startsWith("storage "));

    it("names disks with the former name, and the way out", () => {
        assert.deepEqual(renames(halfRenamed(["data-10", "data-2", "data-3-moved-1"])), [
            {
                what: "storage registry was renamed, but data-2, data-3-moved-1, data-10 in the state still have its former name, since an update has failed half way: a pulumi up that doesn't know that would make EMPTY volumes in place of theirs",
                mend: [
                    'keep or set aliases: [data] of storage registry (in a program the component\'s option aliases: [{ name: "data" }]), then',
                    "pulumi preview",
                    "it must show nothing but updates; then",
                    "pulumi up",
                ],
            },
        ]);
    });

    it("names every former name after two renames", () => {
        const [found] = renames(halfRenamed(["data-2", "cache-3"]));
        assert.match(found!.mend[0]!, /aliases: \[data, cache\] of storage registry/);
    });

    it("reports a former parent", () => {
        const [found] = renames(
            halfRenamed(
                [],
                "urn:pulumi:test::zonal-persistent-storage::a:b:Site$zonal-persistent-storage:index:ZonalPersistentStorage::registry",
            ),
        );
        assert.match(
            found!.what,
            /^storage registry has another parent now, but registry-0, registry-1-moved-1 in/,
        );
        assert.match(found!.mend[0]!, /aliases: \[\{ parent: <the former parent> \}\]/);
    });

    it("reports nothing after the rename is complete", () => {
        assert.deepEqual(renames(halfRenamed([])), []);
        assert.deepEqual(findings(inventoryWith({ state: allInState })), []);
    });

    it("recognizes a moved disk by its ordinal during a rename", () => {
        const kept = findings({ ...others, state: halfRenamed(["data-1"]) });
        assert.deepEqual(
            kept.filter(({ what }) => what.includes("vol-data-1 ")),
            [],
        );
    });
});

const otherTags = (name: string) => tags(volumeTags(name, "data-0"));
const onOther = [
    "look in cluster otro whether a PersistentVolume names it. If one does, it isn't this cluster's; the volume stays:",
    "kubectl delete pv/data-0",
    "if that cluster has let go of it for good, remove its tags KubernetesCluster and ebs.csi.aws.com/cluster-name by hand, then",
    "npm run doctor",
];

describe("doctor: volumes of other clusters and disks", () => {
    const withTags = (Tags: ReturnType<typeof tags>) => [
        volume("vol-0", "data-0", { Tags }),
        bothVolumes[1]!,
    ];
    const exchanged = [persistentVolume("data-0", "vol-1"), persistentVolume("data-1", "vol-0")];
    const settings = (overrides: object = {}) => ({ inputs: { clusterName, overrides } });
    const inState = (volumeOf0: string, overrides?: object) =>
        state(
            { "data-0": "vol-0", "data-1": "vol-1" },
            { "data-0": volumeOf0, "data-1": "vol-1" },
            {},
            settings(overrides),
        );

    it("reports a volume of another cluster, and proposes no tags", () => {
        const said =
            "PersistentVolume data-0 is on volume vol-0, which by its tags is a volume of cluster otro: what pods of two clusters write destroys its data";
        [
            inventoryWith({ volumes: withTags(otherTags("otro")) }),
            inventoryWith({ volumes: withTags(otherTags("otro")), state: allInState }),
        ].forEach((all) => assert.deepEqual(findings(all), [{ what: said, mend: onOther }]));
    });

    it("recognizes other clusters by each of their tags", () => {
        const own = volumeTags(clusterName, "data-0");
        const contradictions: Record<string, string>[] = [
            { KubernetesCluster: "otro" },
            { "ebs.csi.aws.com/cluster-name": "otro" },
            { "kubernetes.io/cluster/otro": "owned" },
        ];
        contradictions.forEach((one) => {
            const [found, ...others] = findings(
                inventoryWith({ volumes: withTags(tags({ ...own, ...one })) }),
            );
            assert.match(found!.what, /is a volume of cluster otro/);
            assert.ok(
                found!.mend.includes(
                    `if that cluster has let go of it for good, remove its tag ${Object.keys(one)[0]} by hand, then`,
                ),
            );
            assert.deepEqual(others, []);
        });
    });

    it("proposes no tags when several clusters' tags contradict each other", () => {
        const both = { KubernetesCluster: "a", "ebs.csi.aws.com/cluster-name": "b" };
        assert.deepEqual(findings(inventoryWith({ volumes: withTags(tags(both)), clusterNames: [] })), []);
    });

    it("removes the override that names it", () => {
        const [found] = findings(
            inventoryWith({
                volumes: withTags(otherTags("otro")),
                state: state(
                    { "data-1": "vol-1" },
                    { "data-0": "vol-0", "data-1": "vol-1" },
                    {},
                    settings({ "0": { volumeId: "vol-0" } }),
                ),
            }),
        );
        assert.deepEqual(found?.mend.slice(1, 3), [
            "remove overrides.0.volumeId of storage data, then",
            "kubectl delete pv/data-0",
        ]);
    });

    it("reports exchanged volumes of two disks", () => {
        const found = findings(inventoryWith({ persistentVolumes: exchanged }));
        assert.deepEqual(
            found.map(({ what }) => what),
            [
                "PersistentVolume data-0 is on volume vol-1, which by its tags was made for PersistentVolume data-1, and that one is on the volume that was made for data-0",
                "PersistentVolume data-1 is on volume vol-0, which by its tags was made for PersistentVolume data-0, and that one is on the volume that was made for data-1",
            ],
        );
        assert.deepEqual(found[0]?.mend, [
            "end the pods that use either, and look at what is on both volumes. If the tags are right, have both PersistentVolumes made again, by their stack if they have one; the volumes stay:",
            "kubectl delete pv/data-0",
            "pulumi refresh",
            "pulumi up",
        ]);
    });

    it("replaces a PersistentVolume that contradicts the state", () => {
        const bound: V1PersistentVolume = {
            ...exchanged[0]!,
            spec: { ...exchanged[0]!.spec, claimRef: { namespace: "shop", name: "mine" } },
            status: { phase: "Bound" },
        };
        const found = findings(
            inventoryWith({ persistentVolumes: [bound, exchanged[1]!], state: inState("vol-0") }),
        );
        assert.deepEqual(found[0], {
            what: "PersistentVolume data-0 is on volume vol-1, which by its tags was made for PersistentVolume data-1; the state has data-0 on volume vol-0",
            mend: [
                "have the PersistentVolume made again for vol-0; both volumes stay:",
                "end the pods of its claim, then",
                "kubectl delete pvc/mine --namespace=shop",
                "kubectl delete pv/data-0",
                "pulumi refresh",
                "pulumi up",
            ],
        });
        assert.equal(found.length, 2);
    });

    it("reports a contradiction of state and tags", () => {
        const volumes = [volume("vol-0", "data-5"), bothVolumes[1]!];
        assert.deepEqual(findings(inventoryWith({ volumes, state: inState("vol-0") })), [
            {
                what: "PersistentVolume data-0 is on volume vol-0, which by its tags was made for PersistentVolume data-5; the state has data-0 on it as well, so either the tags or the state is wrong",
                mend: [
                    "end the pods that use it and look at what is on it before the next pulumi up, which writes the tags anew",
                    "if it is the disk of data-0,",
                    "pulumi up",
                    "if it is that of data-5, have the state forget both and import the right ones: docs/runbooks.md, The state is lost",
                ],
            },
        ]);
    });

    it("ignores volumes of overrides and of PersistentVolumes created by hand", () => {
        const volumes = [volume("vol-0", "data-5"), bothVolumes[1]!];
        const adopted = state(
            { "data-1": "vol-1" },
            { "data-0": "vol-0", "data-1": "vol-1" },
            {},
            settings({ "0": { volumeId: "vol-0" } }),
        );
        assert.deepEqual(findings(inventoryWith({ volumes, state: adopted })), []);
        assert.deepEqual(findings(inventoryWith({ volumes })), []);
    });

    it("reports two PersistentVolumes of one volume once", () => {
        const found = findings(
            inventoryWith({ persistentVolumes: [...both, persistentVolume("data-5", "vol-1")] }),
        );
        assert.deepEqual(
            found.map(({ what }) => what),
            [
                "PersistentVolumes data-1 and data-5 are for one volume, vol-1: pods that use both would destroy its data",
            ],
        );
    });
});
