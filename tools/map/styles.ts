/** Styles of the page. Colours are named by meaning, for light and for dark; a word and a shape repeat each meaning. */
export const styles = `:root {
    color-scheme: light dark;
    --ground: #f5f6f8; --surface: #fff; --sunken: #eef0f3; --line: #dde1e7; --edge: #848d9b;
    --ink: #17202b; --quiet: #566170; --accent: #0f5f8c;
    --green: #17653d; --green-tint: #e4f3ea; --blue: #1d5a9e; --blue-tint: #e6f0fa;
    --amber: #7a4b00; --amber-tint: #fcf0d9; --red: #a3231a; --red-tint: #fcebe9;
    --grey-tint: #eceff2;
    --shadow: 0 1px 2px rgb(23 32 43 / 6%), 0 4px 16px rgb(23 32 43 / 4%);
}
@media (prefers-color-scheme: dark) {
    :root {
        --ground: #0e1319; --surface: #161d26; --sunken: #1d2631; --line: #2a3542; --edge: #74808f;
        --ink: #e7ecf2; --quiet: #9fabb9; --accent: #7cc0ee;
        --green: #7fd6a4; --green-tint: #15301f; --blue: #8fc2f5; --blue-tint: #14293f;
        --amber: #f0c274; --amber-tint: #36290f; --red: #ff9d92; --red-tint: #3d1a18;
        --grey-tint: #232d38;
        --shadow: none;
    }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
    margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem); max-width: 100rem;
    background: var(--ground); color: var(--ink);
    font: 400 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
    font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, dl, dd, figure { margin: 0; padding: 0; }
ul { list-style: none; }
h1 { font-size: clamp(1.75rem, 4vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; font-weight: 650; }
h2 { font-size: 1.125rem; line-height: 1.3; font-weight: 620; letter-spacing: -0.005em; }
h3 { font-size: 1.0625rem; line-height: 1.3; font-weight: 620; }
h4 { font-size: 0.875rem; line-height: 1.4; font-weight: 600; min-width: 0; }
b { font-weight: 600; }
code, .id, .node-list .name { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: 0.875em; background: var(--sunken); border-radius: 4px; padding: 0.1em 0.35em; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2.75rem; }
main > section > h2 { margin-bottom: 0.875rem; }
.quiet, .hint { color: var(--quiet); }
.hint { font-size: 0.8125rem; margin-top: 0.75rem; }
.red-text { color: var(--red); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }

header { margin-bottom: 2.25rem; }
.overline { font-size: 0.8125rem; font-weight: 600; color: var(--accent); margin-bottom: 0.25rem; }
.facts { margin-top: 0.5rem; color: var(--quiet); display: flex; flex-wrap: wrap; gap: 0.125rem 1.25rem; }
.figures {
    display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; margin-top: 1.75rem;
    background: var(--line); border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
}
.figures div { background: var(--surface); padding: 0.875rem 1.125rem 1rem; display: flex; flex-direction: column; }
.figures dt { font-size: 0.8125rem; color: var(--quiet); }
.figures dd { font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
.figures .stands-out { box-shadow: inset 0 3px 0 var(--red); }
.figures .stands-out dd { color: var(--red); }

.all-well { color: var(--quiet); }
.all-well .mark { color: var(--green); font-weight: 700; margin-right: 0.25rem; }
.notices { display: grid; gap: 0.5rem; }
.notice {
    display: grid; grid-template-columns: 5.25rem minmax(0, 1fr); gap: 0.125rem 0.5rem;
    padding: 0.75rem 1rem; border-radius: 8px; background: var(--red-tint); border-left: 4px solid var(--red);
}
.notice strong { color: var(--red); font-weight: 650; white-space: nowrap; }
.notice.note { background: var(--amber-tint); border-left-color: var(--amber); }
.notice.note strong { color: var(--amber); }

.zones { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11.5rem), 1fr)); gap: 0.875rem; align-items: start; }
.zone { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); overflow: hidden; }
.zone > * { padding: 0.75rem 1rem; border-top: 1px solid var(--line); }
.zone > .zone-head { padding: 1rem; border-top: 0; }
.amount { color: var(--quiet); font-size: 0.875rem; margin: 0.125rem 0 0.625rem; }
.amount:last-child { margin-bottom: 0; }
.bar { display: block; }
.bar .track { fill: var(--sunken); }
.bar .share { fill: var(--accent); }
.share-of { color: var(--quiet); font-size: 0.8125rem; }
.share-of .bar { margin-bottom: 0.25rem; }
.node-list, .no-node, .group { font-size: 0.8125rem; }
.label { color: var(--quiet); }
summary.label { cursor: pointer; }
.nodes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11rem), 1fr)); gap: 0 1rem; margin-top: 0.125rem; }
.nodes .name, .id { font-size: 0.75rem; }
.nodes .type, .id { color: var(--quiet); }
.no-node { color: var(--quiet); }
.no-node.bad { color: var(--red); background: repeating-linear-gradient(-45deg, var(--red-tint) 0 8px, var(--surface) 8px 16px); }
.zone > .group { padding: 0; }
.group-head { padding: 0.625rem 1rem; background: var(--sunken); color: var(--quiet); line-height: 1.45; }
.group-head h4 { color: var(--ink); display: inline; }
summary.group-head { cursor: pointer; }
.line { display: block; }
.group ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); }
.group ul { border-top: 1px solid var(--line); overflow: hidden; }
.disk { padding: 0.625rem 1rem; line-height: 1.45; border-top: 1px solid var(--line); margin-top: -1px; }
.disk.bad { background: var(--red-tint); box-shadow: inset 4px 0 0 var(--red); }
.kept .disk { background: repeating-linear-gradient(-45deg, var(--sunken) 0 1px, transparent 1px 7px); }
.disk-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 0.5rem; align-items: baseline; }
.use { color: var(--quiet); }
.pod { color: var(--ink); display: inline-block; }
.fact, .nodes .type { display: inline-block; max-width: 100%; }
.unseen-word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.badge {
    display: inline-block; white-space: nowrap; font-size: 0.75rem; line-height: 1.4; font-weight: 550;
    padding: 0.0625rem 0.5rem; border-radius: 999px; background: var(--grey-tint); color: var(--ink);
}
.badge.green { background: var(--green-tint); color: var(--green); }
.badge.blue { background: var(--blue-tint); color: var(--blue); }
.badge.amber { background: var(--amber-tint); color: var(--amber); }
.badge.red { background: var(--surface); color: var(--red); box-shadow: inset 0 0 0 1px var(--red); }

.choices { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }
.choices legend { padding: 0; margin-bottom: 0.75rem; color: var(--quiet); }
.choices label { position: relative; display: block; }
.choices input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.choices span {
    display: block; padding: 0.4375rem 0.9375rem; border: 1px solid var(--edge); border-radius: 8px;
    background: var(--surface); font-weight: 500;
}
.choices input:hover + span { border-color: var(--accent); }
.choices input:checked + span { background: var(--accent); border-color: var(--accent); color: var(--ground); }
.choices input:checked + span::before { content: "✓ "; }
.choices input:focus-visible + span { outline: 3px solid var(--accent); outline-offset: 2px; }
[class^="if-"] { display: none; }
.summary { margin: 1.125rem 0 0.875rem; max-width: 62rem; font-size: 1rem; }

.scrolls { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: baseline; padding: 0.5625rem 1.125rem; border-top: 1px solid var(--line); overflow-wrap: normal; }
thead th { border-top: 0; font-size: 0.8125rem; font-weight: 500; color: var(--quiet); white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
.id { white-space: nowrap; }
.disk .id { white-space: normal; }
.spread { width: fit-content; max-width: 100%; }
tbody tr:first-child > *, tfoot tr > * { border-top-color: var(--edge); }
.spread th[scope="row"] { min-width: 12rem; white-space: normal; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; min-width: 6.5rem; }
td.all { white-space: nowrap; }
td.number .bar { margin-bottom: 0.125rem; }
td.none { color: var(--quiet); }

.empty { text-align: center; padding: clamp(2rem, 6vw, 4.5rem) 1rem; background: var(--surface); border: 1px dashed var(--edge); border-radius: 16px; }
.empty svg { margin-bottom: 1rem; fill: none; stroke: var(--edge); stroke-width: 1.5; stroke-dasharray: 4 4; }
.empty p { color: var(--quiet); max-width: 34rem; margin: 0 auto; }
.unseen { border-top: 1px solid var(--line); padding-top: 1.5rem; color: var(--quiet); font-size: 0.875rem; }
.unseen h2 { font-size: 0.9375rem; color: var(--ink); margin-bottom: 0.5rem; }
.unseen li { padding: 0.125rem 0; }

@media (max-width: 40rem) {
    .figures { grid-template-columns: repeat(2, 1fr); }
    .notice { grid-template-columns: minmax(0, 1fr); }
    th, td { padding-inline: 0.875rem; }
    .spread { width: 100%; }
    .spread th, .spread td { padding-inline: 0.25rem; }
    .spread th:first-child, .spread td:last-child, .spread th:last-child { padding-inline: 0.5rem; }
    .spread td.number, .spread th.number, .spread th[scope="row"] { min-width: 0; }
    .spread tbody th[scope="row"] { min-width: 5.25rem; }
    .spread .all .quiet { display: block; font-size: 0.75rem; white-space: normal; }
    .region { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .lineage th, .lineage td, .lineage .id { white-space: normal; overflow-wrap: anywhere; }
    .lineage td > * { display: block; width: fit-content; }
}
@media (forced-colors: active) {
    .choices input:checked + span { outline: 3px solid Highlight; }
}
@media print {
    body { background: none; padding: 0; }
    .zone, .scrolls { box-shadow: none; break-inside: avoid-page; }
}
`;

/** A choice shows what belongs to it, and marks the zone. Zones go by their number here: no name gets into it. */
export function failureStyles(zones: number): string {
    const rules = Array.from({ length: zones }, (_, index) => {
        const chosen = `main:has(#fails-${index}:checked)`;
        return `${chosen} .if-${index} { display: block; }
${chosen} .zone-${index} { outline: 3px solid var(--red); outline-offset: -1px; }
${chosen} .zone-${index} h3::after { content: " ✕ failed"; color: var(--red); }
`;
    });
    return rules.join("");
}
