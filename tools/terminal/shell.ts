type Value = string | number | undefined;

/**
 * A command for people to paste into a shell, in which every value stays a part of the word that it is written in,
 * whatever somebody has put into a tag or a name: sh`kubectl delete pv/${name} --namespace=${namespace}`.
 *
 * @throws Error if a value begins a word, where a name like `--all` would be an option: write `<kind>/<name>`,
 * `--<option>=<value>`, or `--` before it.
 */
export function sh(text: TemplateStringsArray, ...values: readonly Value[]): string {
    return text.reduce((command, part, index) => {
        const before = text.slice(0, index);
        if (/(^|\s)$/.test(before.at(-1) ?? "") && !/\s--\s/.test(before.join(""))) {
            throw new Error(`a value must not begin a word before "--", got one after: ${command}`);
        }
        return `${command}${quoted(String(values[index - 1]))}${part}`;
    });
}

/** One word of the shell. */
export function quoted(word: string): string {
    return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A value within the AWS CLI's shorthand syntax, such as `Key=<key>,Value=<value>`, in which commas, brackets and
 * `@=`, which reads a file, have a meaning (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html,
 * read on 2026-11-24).
 */
export function shorthand(value: string): string {
    return /^[\w:./<>-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
