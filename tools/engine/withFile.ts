import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs a command, with the path of a temporary file if there is content for one. */
export async function withFile<T>(
    content: string | undefined,
    run: (path: string[]) => Promise<T>,
): Promise<T> {
    if (content === undefined) {
        return run([]);
    }
    const directory = await mkdtemp(join(tmpdir(), "zonal-persistent-storage-"));
    try {
        const path = join(directory, "import.json");
        await writeFile(path, content);
        return await run([path]);
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
}
