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

/**
 * The same text without what a terminal would obey or hide: control characters, ends of lines among them, and those
 * that turn the direction of writing.
 */
export function printable(text: string): string {
    return text.replace(
        /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
