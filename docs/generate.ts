import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./apiPage";
import { externalLinksPage } from "./markdown";
import { limitsPage } from "./limitsTable";

writeFileSync(join(__dirname, "volume-limits.md"), limitsPage());
writeFileSync(join(__dirname, "api.md"), apiPage());
writeFileSync(join(__dirname, "external-links.txt"), externalLinksPage());
