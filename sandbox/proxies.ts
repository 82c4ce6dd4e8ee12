const hosts = "127.0.0.1,localhost";

/**
 * An environment's variables for hosts that are reached without a proxy, with the sandbox's hosts added. Programs
 * differ in which spelling they read.
 */
export function withoutProxies({
    NO_PROXY,
    no_proxy,
}: NodeJS.ProcessEnv): Record<"NO_PROXY" | "no_proxy", string> {
    const add = (given = "") => (given === "" ? hosts : `${given},${hosts}`);
    return { NO_PROXY: add(NO_PROXY || no_proxy), no_proxy: add(no_proxy || NO_PROXY) };
}

/** Lines that do the same in a shell. */
export const withoutProxiesInShell = [
    'NO_PROXY="${NO_PROXY:-${no_proxy:-}}"',
    'no_proxy="${no_proxy:-$NO_PROXY}"',
    ...["NO_PROXY", "no_proxy"].map((name) => `${name}="\${${name}:+$${name},}${hosts}"`),
]
    .map((line) => `export ${line}\n`)
    .join("");
