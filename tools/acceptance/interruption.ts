/** Milliseconds in which a second signal counts as the first: npm forwards signals that the terminal has sent already. */
const repeatMilliseconds = 3000;

/** Handles Ctrl-C and other signals: the first ends the steps and starts the clean-up, a later one ends the clean-up. */
export class Interruption {
    private readonly controller = new AbortController();
    private first = 0;

    public constructor(private readonly report: (line: string) => void) {
        (["SIGINT", "SIGTERM", "SIGHUP"] as const).forEach((signal) =>
            process.on(signal, () => this.handle(signal)),
        );
    }

    /** Aborted when the steps have to end. */
    public get signal(): AbortSignal {
        return this.controller.signal;
    }

    /** Ends the steps after that time. */
    public after(seconds: number): void {
        const reason = new Error(`gave up after ${seconds / 3600} hours`);
        setTimeout(() => this.controller.abort(reason), seconds * 1000).unref();
    }

    private handle(signal: NodeJS.Signals): void {
        if (!this.signal.aborted) {
            this.first = Date.now();
            this.report(`interrupted by ${signal}: the current step ends, then everything is removed`);
            this.controller.abort(new Error(`interrupted by ${signal}`));
        } else if (Date.now() - this.first > repeatMilliseconds) {
            this.report("interrupted again: the next run removes the leftovers, or --clean");
            process.exit(1);
        }
    }
}
