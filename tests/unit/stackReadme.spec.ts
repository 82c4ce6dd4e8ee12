import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DeletionPolicy } from "../../components";
import type { VolumeRecord, ZonalPersistentStorageArgs } from "../../components";
import { stackReadme } from "../../program/stackReadme";

const args: ZonalPersistentStorageArgs = {
    clusterName: "proyecto.k8s.local",
    count: 5,
    volume: { sizeGiB: 1 },
};
const volume = (ordinal: number, zone: string, keptVolumeIds: string[] = []): VolumeRecord => ({
    ordinal,
    zone,
    volumeId: `vol-${ordinal}`,
    persistentVolumeName: `web-${ordinal}`,
    snapshotId: "",
    keptVolumeIds,
});
const spread = [0, 1, 2, 3, 4].map((ordinal) => volume(ordinal, `eu-west-1${"bc"[ordinal % 2]}`));
const web = (volumes: readonly VolumeRecord[], different: Partial<ZonalPersistentStorageArgs> = {}) =>
    stackReadme("dev", [{ name: "web", args: { ...args, ...different } }], { web: volumes });

describe("stack README", () => {
    it("shows disks, zones and runbooks", () => {
        assert.equal(
            web(spread),
            `# dev

5 disks of the cluster proyecto.k8s.local in 2 zones.

| storage | disks | volume | deletion policy | protected | backup |
| --- | --- | --- | --- | --- | --- |
| web | 5 | 1 GiB, gp3, encrypted | Retain | yes | none |

## Zones

| zone | ordinals of web |
| --- | --- |
| eu-west-1b | 0, 2, 4 |
| eu-west-1c | 1, 3 |

\`\`\`mermaid
flowchart TB
    cluster(["proyecto.k8s.local"])
    subgraph zone0["eu-west-1b"]
        disks0x0[("web: 3 disks")]
    end
    cluster --- zone0
    subgraph zone1["eu-west-1c"]
        disks1x0[("web: 2 disks")]
    end
    cluster --- zone1
\`\`\`

## On a bad day

\`npx zonal-persistent-storage doctor\` says what is in the way of a disk, \`npx zonal-persistent-storage map\` draws where the disks are.

- A zone has failed: \`docs/runbooks.md\`
- A PersistentVolume is Released: \`docs/runbooks.md\`
- A volume was deleted: \`docs/runbooks.md\`

`,
        );
    });

    it("shows the settings", () => {
        const text = web(spread, {
            volume: { sizeGiB: 40, type: "io2", iops: 1000, encrypted: false },
            deletionPolicy: DeletionPolicy.Snapshot,
            protect: false,
            backup: { roleArn: "arn:aws:iam::123456789012:role/dlm", intervalHours: 6 },
            overrides: { "1": { sizeGiB: 80 } },
        });
        assert.match(
            text,
            /\| web \| 5 \| 40 GiB, io2, not encrypted, overridden for some \| Snapshot \| no \| every 6 h \|/,
        );
    });

    it("counts kept volumes", () => {
        assert.match(
            web([volume(0, "eu-west-1c", ["vol-7", "vol-8"])]),
            /\n2 old volumes kept since a move\.\n/,
        );
    });

    it("links runbooks to existing headings when package.json has a homepage", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "runbooks.md"), "utf8");
        const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) =>
            title.toLowerCase().replaceAll(" ", "-"),
        );
        const homepage = "https://github.com/acme/storage/blob/main/";
        const text = stackReadme("dev", [{ name: "web", args }], { web: spread }, homepage);
        const links = [...text.matchAll(/\]\((.+?)#(.+?)\)/g)];
        assert.equal(links.length, 3);
        links.forEach(([, address, anchor = ""]) => {
            assert.equal(address, "https://github.com/acme/storage/blob/main/docs/runbooks.md");
            assert.ok(anchors.includes(anchor), anchor);
        });
    });

    it("grows only by ordinals", () => {
        const many = Array.from({ length: 3000 }, (_, ordinal) =>
            volume(ordinal, `z-${Math.floor(ordinal / 500)}`),
        );
        const text = web(many);
        assert.match(text, /\| z-1 \| 500 to 999 \|/);
        assert.ok(text.length < 2500, String(text.length));
    });

    it("is independent of the order of answers", () => {
        assert.equal(web([...spread].reverse()), web(spread));
    });

    it("escapes names in Markdown, HTML and Mermaid", () => {
        const name = 'a|b`<script>*[x](y)"]\nend';
        const text = stackReadme(name, [{ name, args: { ...args, clusterName: name } }], {
            [name]: [volume(0, name)],
        });
        assert.doesNotMatch(text.replace(/\\[^\n]/g, ""), /<script|\*|\[x\]|a\|b/);
        const [, diagram = ""] = /```mermaid\n([\s\S]*?)\n```/.exec(text) ?? [];
        assert.equal(diagram.split("\n").length, 6, diagram);
        assert.match(
            diagram,
            /cluster\(\["a#124;b#96;#60;script#62;#42;#91;x#93;#40;y#41;#34;#93;#10;end"\]\)/,
        );
    });
});
