const hosts = "127.0.0.1,localhost";

/** Variables with hosts that are reached without a proxy. Programs differ in which one they read. */
type Variables = Readonly<Record<"NO_PROXY" | "no_proxy", string>> & { readonly no_grpc_proxy?: string };

/** An environment's variables for hosts that are reached without a proxy, with the sandbox's hosts added. */
export function withoutProxies({ NO_PROXY, no_proxy, no_grpc_proxy }: NodeJS.ProcessEnv): Variables {
    const add = (given = "") => (given === "" ? hosts : `${given},${hosts}`);
    return {
        NO_PROXY: add(NO_PROXY || no_proxy),
        no_proxy: add(no_proxy || NO_PROXY),
        // Where it is set, gRPC reads it in place of the others.
        ...(no_grpc_proxy && { no_grpc_proxy: add(no_grpc_proxy) }),
    };
}

/** Names of these variables. */
export const proxyVariables = ["NO_PROXY", "no_proxy", "no_grpc_proxy"];

/** Lines that do the same in a shell. */
export const withoutProxiesInShell = [
    'NO_PROXY="${NO_PROXY:-${no_proxy:-}}"',
    'no_proxy="${no_proxy:-$NO_PROXY}"',
    ...["NO_PROXY", "no_proxy"].map((name) => `${name}="\${${name}:+$${name},}${hosts}"`),
    `no_grpc_proxy="\${no_grpc_proxy:+$no_grpc_proxy,${hosts}}"`,
]
    .map((line) => `export ${line}\n`)
    .join("");
