const suffixes = ["", "k", "M", "G", "T", "P", "E"];

/**
 * Bytes of a quantity, as the API server writes it: 10Gi, 1Ti, 5G, 1e9; undefined if it isn't one.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, read on 2026-11-26.
 */
export function bytesIn(quantity: string | undefined): number | undefined {
    const [, number, exponent, suffix = "", binary] =
        /^(\d+(?:\.\d+)?)(?:[eE](\d+)|([kKMGTPE])(i)?)?$/.exec(quantity ?? "") ?? [];
    if (number === undefined) {
        return undefined;
    }
    const power = suffixes.indexOf(suffix === "K" ? "k" : suffix);
    return exponent === undefined
        ? Number(number) * (binary ? 1024 : 1000) ** power
        : Number(number) * 10 ** Number(exponent);
}

/** The same in GiB. */
export function gibibytesIn(quantity: string | undefined): number | undefined {
    const bytes = bytesIn(quantity);
    return bytes === undefined ? undefined : bytes / 1024 ** 3;
}
