/**
 * A command for people to paste into a shell, in which every value stays one word, whatever somebody has put into a
 * tag or a name: sh`kubectl delete pv ${name}`. A list becomes several words.
 */
export function sh(text: TemplateStringsArray, ...values: readonly Value[]): string {
    return text.reduce((command, part, index) => `${command}${words(values[index - 1])}${part}`);
}

type Value = string | number | undefined | readonly string[];

function words(value: Value): string {
    return (Array.isArray(value) ? (value as string[]) : [String(value)]).map(word).join(" ");
}

function word(value: string): string {
    return /^[\w@%+:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
