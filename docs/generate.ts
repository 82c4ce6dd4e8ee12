import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./apiPage";
import { externalLinksPage } from "./markdown";
import { limitsPage } from "./limitsTable";
import { clusterRole, iamPolicy, permissionsPage } from "./permissionsPage";

const pages: Readonly<Record<string, string>> = {
    "volume-limits.md": limitsPage(),
    "api.md": apiPage(),
    "permissions.md": permissionsPage(),
    "iam-policy.json": iamPolicy(),
    "cluster-role.yaml": clusterRole(),
    "external-links.txt": externalLinksPage(),
};
Object.entries(pages).forEach(([name, text]) => writeFileSync(join(__dirname, name), text));
