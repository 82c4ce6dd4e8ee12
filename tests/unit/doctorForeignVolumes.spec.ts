import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { findings } from "../../tools/doctor/findings";
import {
    allInState,
    both,
    bothVolumes,
    clusterName,
    persistentVolume,
    inventoryWith,
    state,
    tags,
    volume,
} from "../support/fixtures/twoDisks";

const otherTags = (name: string) => tags(volumeTags(name, "data-0"));
const onOther = [
    "look in cluster otro whether a PersistentVolume names it. If one does, it isn't this cluster's; the volume stays:",
    "kubectl delete pv/data-0",
    "if that cluster has let go of it for good, remove its tags KubernetesCluster and ebs.csi.aws.com/cluster-name by hand, then",
    "npx zonal-persistent-storage doctor",
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

    it("reports another cluster's volume of a disk that a provisioner made, if it was adopted", () => {
        const made = (annotations: Record<string, string>) => ({
            ...persistentVolume("data-0", "vol-0"),
            metadata: {
                name: "data-0",
                annotations: { "pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com", ...annotations },
            },
        });
        const found = (one: V1PersistentVolume) =>
            findings(
                inventoryWith({ persistentVolumes: [one, both[1]!], volumes: withTags(otherTags("otro")) }),
            ).map(({ what }) => what);
        const adopted = made({ "zonal-persistent-storage/former-reclaim-policy": "Delete" });
        assert.match(
            found(adopted).join("\n"),
            /^PersistentVolume data-0 .* is a volume of cluster otro: [^\n]*$/,
        );
        assert.deepEqual(found(made({})), []);
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
