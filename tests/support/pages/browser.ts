import { source as axe } from "axe-core";
import type { AxeResults } from "axe-core";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Context } from "mocha";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Starts this machine's browser without a window. Skips the tests if there is none on the PATH. */
export async function startBrowser(context: Context): Promise<Browser> {
    const executablePath = (process.env.PATH ?? "")
        .split(delimiter)
        .flatMap((folder) => programs.map((program) => join(folder, program)))
        .find((path) => existsSync(path));
    if (executablePath === undefined) {
        console.log(`    skipped: none of ${programs.join(", ")} is on the PATH`);
        return context.skip();
    }
    // Chromium's sandbox doesn't work for root and in many containers; the pages are trusted.
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** A page in a browser, with its errors and network requests. */
export interface ShownPage {
    readonly page: Page;
    readonly complaints: readonly string[];
}

/** Opens an HTML file without a network. */
export async function show(
    browser: Browser,
    file: string,
    options: BrowserContextOptions,
): Promise<ShownPage> {
    const context = await browser.newContext({ ...options, offline: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    page.on("request", (request) => {
        if (request.url() !== `file://${file}`) {
            complaints.push(`request: ${request.url()}`);
        }
    });
    await page.goto(`file://${file}`);
    return { page, complaints };
}

/** Violations that axe finds in a page: rule and element. */
export async function violations(page: Page): Promise<string[]> {
    await page.evaluate(`if (!("axe" in window)) { ${axe} }`);
    const { violations: found } = await page.evaluate<AxeResults>(
        'axe.run(document, { resultTypes: ["violations"] })',
    );
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
