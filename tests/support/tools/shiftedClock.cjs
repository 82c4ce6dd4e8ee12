// Loaded by NODE_OPTIONS: the process' clock is ahead by CLOCK_AHEAD_SECONDS, as the sandbox's account may be.
const ahead = Number(process.env.CLOCK_AHEAD_SECONDS) * 1000;
const real = Date.now;
globalThis.Date = class extends Date {
    constructor(...args) {
        super(...(args.length === 0 ? [real() + ahead] : args));
    }
    static now() {
        return real() + ahead;
    }
};
