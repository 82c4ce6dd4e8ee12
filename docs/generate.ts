import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiPage } from "./apiPage";
import { limitsPage } from "./limitsTable";
import { mapOf } from "../map/build";
import { picture } from "../map/svg";
import { statefulSet } from "../tests/support/sights";

writeFileSync(join(__dirname, "volume-limits.md"), limitsPage());
writeFileSync(join(__dirname, "api.md"), apiPage());
writeFileSync(join(__dirname, "zone-map.svg"), picture(mapOf(statefulSet())));
