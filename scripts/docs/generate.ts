import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsPage } from "./settingsPage";
import { benchmarksPage } from "./benchmarksPage";
import { externalLinksPage } from "./markdown";
import { limitsPage } from "./limitsPage";
import { clusterRole, iamPolicy, permissionsPage } from "./permissionsPage";
import { buildMap } from "../../tools/map/build";
import { picture } from "../../tools/map/svg";
import { statefulSet } from "./exampleMaps";

const docs = join(__dirname, "..", "..", "docs");
const pages: Readonly<Record<string, string>> = {
    "volume-limits.md": limitsPage(),
    "settings.md": settingsPage(),
    "benchmarks.md": benchmarksPage(),
    "permissions.md": permissionsPage(),
    "iam-policy.json": iamPolicy(),
    "cluster-role.yaml": clusterRole(),
    "zone-map.svg": picture(buildMap(statefulSet())),
    "external-links.txt": externalLinksPage(),
};
Object.entries(pages).forEach(([name, text]) => writeFileSync(join(docs, name), text));
