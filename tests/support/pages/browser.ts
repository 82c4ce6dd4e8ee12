import { source as axe } from "axe-core";
import type { AxeResults } from "axe-core";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Context } from "mocha";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A browser of this machine, without a window. Skips the tests where there is none on the PATH. */
export async function startBrowser(context: Context): Promise<Browser> {
    const executablePath = (process.env.PATH ?? "")
        .split(delimiter)
        .flatMap((folder) => programs.map((program) => join(folder, program)))
        .find((path) => existsSync(path));
    if (executablePath === undefined) {
        console.log(`    skipped: there is none of ${programs.join(", ")} on the PATH`);
        return context.skip();
    }
    // Chromium's own sandbox doesn't work for root and in many containers; the pages are ours.
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** A page that a browser shows, and all that it complained of or asked the network for. */
export interface Shown {
    readonly page: Page;
    readonly complaints: readonly string[];
}

/** Shows HTML as a file would be shown, without a network. */
export async function show(browser: Browser, file: string, options: BrowserContextOptions): Promise<Shown> {
    const context = await browser.newContext({ ...options, offline: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
        complaints.push(`a dialog says ${dialog.message()}`);
        void dialog.dismiss();
    });
    page.on("request", (request) => {
        if (request.url() !== `file://${file}`) {
            complaints.push(`it asks for ${request.url()}`);
        }
    });
    await page.goto(`file://${file}`);
    return { page, complaints };
}

/** What axe finds wrong with a page: rule and element. The page itself runs no script, the inspector may. */
export async function violations(page: Page): Promise<string[]> {
    await page.evaluate(`if (!("axe" in window)) { ${axe} }`);
    const { violations: found } = await page.evaluate<AxeResults>(
        'axe.run(document, { resultTypes: ["violations"] })',
    );
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
