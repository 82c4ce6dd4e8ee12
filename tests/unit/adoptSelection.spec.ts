import assert from "node:assert/strict";
import { selected } from "../../tools/adopt/selection";
import type { Selection } from "../../tools/adopt/selection";
import { memberOf } from "../../tools/adopt/statefulSets";
import { diskOfOthers, disksOfSet } from "../support/fixtures/disksToAdopt";

const owners = [
    { namespace: "default", name: "web", templates: ["www"] },
    { namespace: "shop", name: "web", templates: ["www"] },
];
const disks = [
    diskOfOthers("free", { claim: null }),
    diskOfOthers("ci"),
    ...disksOfSet("web", "www", [0]),
    ...disksOfSet("web", "www", [0, 1], { namespace: "shop" }),
];
const persistentVolumes = disks.map(({ persistentVolume }) => persistentVolume);

/** Places of the selected disks among all. */
const places = (selection: Partial<Selection>, labelled?: ReadonlySet<string>) =>
    selected({ names: [], ...selection }, { persistentVolumes, owners, labelled }).map((one) =>
        persistentVolumes.indexOf(one),
    );

describe("selection of disks to adopt", () => {
    it("is by name, StatefulSet, namespace, labels, or all", () => {
        assert.deepEqual(places({ names: ["ci", "free"] }), [0, 1]);
        assert.deepEqual(places({ statefulSet: "web" }), [2, 3, 4]);
        assert.deepEqual(places({ statefulSet: "web", namespace: "default" }), [2]);
        assert.deepEqual(places({ namespace: "shop" }), [3, 4]);
        assert.deepEqual(places({ selector: "app=ci" }, new Set(["default/ci"])), [1]);
        assert.deepEqual(places({ all: true }), [0, 1, 2, 3, 4]);
        assert.deepEqual(places({ all: true, namespace: "shop" }), [3, 4]);
    });

    const wrong: [string, Partial<Selection>, string][] = [
        [
            "says nothing",
            {},
            "say which disks: names of PersistentVolumes, --stateful-set, --namespace, --selector or --all",
        ],
        [
            "names unknown disks",
            { names: ["ci", "x", "y"] },
            "there is no PersistentVolume x, y in the cluster",
        ],
        [
            "has names and another option",
            { names: ["ci"], namespace: "shop" },
            "names of PersistentVolumes can't be combined with --stateful-set, --namespace, --selector or --all",
        ],
        ["matches none", { namespace: "empty" }, "no PersistentVolume of the cluster is like that"],
        [
            "names another StatefulSet",
            { statefulSet: "db" },
            "no PersistentVolume of the cluster is like that",
        ],
    ];
    wrong.forEach(([what, selection, message]) =>
        it(`is refused when it ${what}`, () => {
            assert.throws(() => places(selection), { message });
        }),
    );
});

describe("claims of StatefulSets", () => {
    const member = (name: string, namespace = "default") => memberOf({ namespace, name }, owners);

    it("are known by their names", () => {
        assert.deepEqual(member("www-web-10"), {
            namespace: "default",
            statefulSet: "web",
            template: "www",
            ordinal: 10,
        });
        assert.equal(member("www-web-0", "shop")?.namespace, "shop");
    });

    ["www-web", "www-web-", "www-web-01", "www-web-1x", "web-0", "xwww-web-0"].forEach((name) =>
        it(`aren't those called ${name}`, () => {
            assert.equal(member(name), undefined);
        }),
    );

    it("aren't those of other namespaces, or none", () => {
        assert.equal(member("www-web-0", "other"), undefined);
        assert.equal(memberOf(undefined, owners), undefined);
    });

    it("can have hyphens in all names", () => {
        const hyphened = [{ namespace: "default", name: "a-b", templates: ["c-d"] }];
        assert.equal(memberOf({ namespace: "default", name: "c-d-a-b-3" }, hyphened)?.ordinal, 3);
    });
});
