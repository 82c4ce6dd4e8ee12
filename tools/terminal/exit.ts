/** Ends the process once all of its output is written: a reader of a pipe may be slower, and would miss the rest. */
export async function exit(status: number): Promise<never> {
    await Promise.all([process.stdout, process.stderr].map(written));
    process.exit(status);
}

/** Waits until a stream has passed on everything, or its reader has gone. */
function written(stream: NodeJS.WriteStream): Promise<void> {
    return new Promise((resolve) => {
        stream.on("error", () => resolve());
        stream.write("", () => resolve());
    });
}
