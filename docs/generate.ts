import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { limitsPage } from "./limitsTable";

writeFileSync(join(__dirname, "volume-limits.md"), limitsPage());
