import type { InvokeOptions, ProviderResource } from "@pulumi/pulumi";
import { perProgram } from "../engine/perProgram";

const answers = perProgram(() => new Map<ProviderResource | undefined, Map<string, Promise<unknown>>>());

/**
 * An answer that all storages of a program share that ask the same of the same provider.
 *
 * @param token - The provider's function.
 * @param question - All that the answer depends on, but the provider.
 * @param ask - Asks, where nobody has yet.
 */
export function shared<T>(
    token: string,
    question: object,
    { parent }: InvokeOptions,
    ask: () => Promise<T>,
): Promise<T> {
    const ofProgram = answers();
    const provider = parent?.getProvider(token);
    const ofProvider = ofProgram.get(provider) ?? new Map<string, Promise<unknown>>();
    ofProgram.set(provider, ofProvider);
    const key = `${token} ${JSON.stringify(question)}`;
    const answer = (ofProvider.get(key) as Promise<T> | undefined) ?? ask();
    ofProvider.set(key, answer);
    return answer;
}
