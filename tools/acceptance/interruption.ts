/** Milliseconds in which a second signal is the first one again: npm hands on what the terminal has sent already. */
const again = 3000;

/** Ctrl-C and its like: the first one ends the steps and begins the clean-up, a later one ends that too. */
export class Interruption {
    private readonly controller = new AbortController();
    private first = 0;

    public constructor(private readonly report: (line: string) => void) {
        (["SIGINT", "SIGTERM", "SIGHUP"] as const).forEach((signal) =>
            process.on(signal, () => this.handle(signal)),
        );
    }

    /** Aborted once the steps have to end. */
    public get signal(): AbortSignal {
        return this.controller.signal;
    }

    /** Ends the steps after that time, if nothing has before. */
    public after(seconds: number): void {
        const reason = new Error(`gave up after ${seconds / 3600} hours`);
        setTimeout(() => this.controller.abort(reason), seconds * 1000).unref();
    }

    private handle(signal: NodeJS.Signals): void {
        if (!this.signal.aborted) {
            this.first = Date.now();
            this.report(`interrupted by ${signal}: what is under way ends, then everything is removed`);
            this.controller.abort(new Error(`interrupted by ${signal}`));
        } else if (Date.now() - this.first > again) {
            this.report("interrupted again: what is left is removed by the next run, or with --clean");
            process.exit(1);
        }
    }
}
