import type { Result } from "./result";

const [width, height] = [760, 420];
const area = { left: 64, right: 520, top: 56, bottom: 364 };
const lines = [
    { figure: "script", colour: "#b4552d", dash: "" },
    { figure: "pulumi up", colour: "#3b6fb6", dash: "" },
    { figure: "pulumi up with its preview", colour: "#3b6fb6", dash: "6 4" },
    { figure: "stand-in up", colour: "#4d8a57", dash: "2 4" },
] as const;

/** Seconds against volumes, both on logarithmic scales, as an SVG that is readable in light and dark. */
export function chart({ cases }: Result): string {
    const nodes = cases[0]?.nodes;
    const points = cases.filter((one) => one.nodes === nodes);
    const volumes = points.map((one) => one.volumes);
    const seconds = points.flatMap(({ medians }) => lines.map(({ figure }) => medians[figure] ?? NaN));
    const known = seconds.filter((value) => !Number.isNaN(value));
    const x = scale(Math.min(...volumes), Math.max(...volumes), area.left, area.right);
    const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter(
        (tick) => tick >= Math.min(...known) / 2 && tick <= Math.max(...known) * 2,
    );
    const y = scale(ticks[0] ?? 1, ticks.at(-1) ?? 10, area.bottom, area.top);
    const grid = ticks.map(
        (tick) =>
            `<path class="grid" d="M${area.left} ${y(tick)}H${area.right}"/>` +
            `<text x="${area.left - 10}" y="${y(tick) + 4}" text-anchor="end">${tick} s</text>`,
    );
    const columns = volumes.map(
        (count) => `<text x="${x(count)}" y="${area.bottom + 24}" text-anchor="middle">${count}</text>`,
    );
    const labels = spreadLabels(
        lines.map(({ figure }) => y(points.at(-1)?.medians[figure] ?? points.at(-2)?.medians[figure] ?? 1)),
    );
    const drawn = lines.map(({ figure, colour, dash }, index) => {
        const marks = points.flatMap(({ volumes: count, medians }) => {
            const value = medians[figure];
            return value === undefined ? [] : [[x(count), y(value)] as const];
        });
        const line = marks.map(([at, up]) => `${at.toFixed(1)},${up.toFixed(1)}`).join(" ");
        return marks.length === 0
            ? ""
            : [
                  `<polyline points="${line}" stroke="${colour}" stroke-dasharray="${dash}"/>`,
                  ...marks.map(([at, up]) => `<circle cx="${at}" cy="${up}" r="3.5" fill="${colour}"/>`),
                  `<text x="${area.right + 14}" y="${(labels[index] ?? 0) + 4}" style="fill:${colour}" class="name">${figure}</text>`,
              ].join("");
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">Seconds that the job takes, against the number of volumes</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #444 }
.name { font-weight: 600 }
.head { font-size: 16px; font-weight: 600; fill: #222 }
.grid { stroke: #ddd; fill: none }
polyline { fill: none; stroke-width: 2.2 }
@media (prefers-color-scheme: dark) { text { fill: #bbb } .head { fill: #eee } .grid { stroke: #444 } }
</style>
<text class="head" x="${area.left}" y="28">Seconds for the whole job, by number of volumes</text>
${grid.join("\n")}
${columns.join("\n")}
<text x="${(area.left + area.right) / 2}" y="${area.bottom + 46}" text-anchor="middle">volumes (both scales logarithmic)</text>
${drawn.join("\n")}
</svg>
`;
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
    const span = Math.log(to) - Math.log(from) || 1;
    return (value) => start + ((Math.log(value) - Math.log(from)) / span) * (end - start);
}

/** Moves heights apart, so that their labels don't overlap. */
function spreadLabels(heights: readonly number[]): number[] {
    const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
    const result = [...heights];
    order.forEach((index, position) => {
        const above = order[position - 1];
        if (above !== undefined) {
            result[index] = Math.max(result[index] ?? 0, (result[above] ?? 0) + 18);
        }
    });
    return result;
}
