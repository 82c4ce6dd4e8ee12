type Value = string | number | undefined;

/**
 * A command to paste into a shell: sh`kubectl delete pv/${name} --namespace=${namespace}`. Every value is quoted as a
 * part of its word, since names and tags are untrusted.
 *
 * @throws Error if a value begins a word, since a name such as `--all` would be an option there: write
 * `<kind>/<name>`, `--<option>=<value>`, or `--` before it.
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

/** A text as one word of the shell. */
export function quoted(word: string): string {
    return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A value in the AWS CLI's shorthand syntax, such as `Key=<key>,Value=<value>`, where commas, brackets and `@=`, which
 * reads a file, have a meaning (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html,
 * read on 2026-11-27).
 */
export function shorthand(value: string): string {
    return /^[\w:./<>-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
