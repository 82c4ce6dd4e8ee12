import { createHash } from "node:crypto";
import { failureSection } from "./failurePanel";
import { markup, Markup } from "./markup";
import type { ZoneMap } from "./model";
import { emptySection, header, noticesSection, unseenSection } from "./pageParts";
import { spreadSection } from "./spread";
import { failureStyles, styles } from "./styles";
import { zonesSection } from "./zoneColumns";

/**
 * The map as one HTML page without network access or scripts. Its content security policy forbids both, as a second
 * protection beside the escaping of names.
 */
export function page(map: ZoneMap): string {
    const disks = map.zones.flatMap((zone) => zone.disks);
    const css = `\n${styles}${failureStyles(map.zones.length)}`;
    const hash = createHash("sha256").update(css).digest("base64");
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    const body =
        disks.length === 0
            ? [emptySection(map), zonesSection(map)]
            : [noticesSection(map), spreadSection(map), failureSection(map), zonesSection(map)];
    return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${["Zone map", ...[map.stack ?? map.clusters[0] ?? []].flat()].join(" · ")}</title>
<style>${new Markup(css)}</style>
</head>
<body>
${header(map)}
<main>
${body}${unseenSection(map)}
</main>
</body>
</html>
`.text;
}
