import { grouped } from "../inspect/grouped";
import { listNames } from "./finding";
import type { Finding } from "./finding";
import { ordinalOf } from "../inspect/state";
import type { FormerChild, State } from "../inspect/state";

/** Storages whose update to another name or parent has failed half way. */
export function halfRenamedFindings(state: State | undefined): Finding[] {
    return grouped(state?.formerlyNamed ?? [], ({ storage }) => storage.urn).map(([, children]) =>
        finding(children),
    );
}

function finding(children: readonly FormerChild[]): Finding {
    const storage = children[0]?.storage.name ?? "";
    const former = unique(children.map(({ name }) => formerStorage(name))).filter((name) => name !== storage);
    const names = listNames(unique(children.map(({ name }) => name)).sort(byOrdinal));
    const danger = "a pulumi up that doesn't know that would make EMPTY volumes in place of theirs";
    const after = ["pulumi preview", "it must show nothing but updates; then", "pulumi up"];
    return former.length === 0
        ? {
              what: `storage ${storage} has another parent now, but ${names} in the state still have the former one, since an update has failed half way: ${danger}`,
              mend: [
                  "keep the component's option aliases: [{ parent: <the former parent> }], then",
                  ...after,
              ],
          }
        : {
              what: `storage ${storage} was renamed, but ${names} in the state still have its former name, since an update has failed half way: ${danger}`,
              mend: [
                  `keep or set aliases: [${former.join(", ")}] of storage ${storage} (in a program the component's option aliases: [${former.map((name) => `{ name: ${JSON.stringify(name)} }`).join(", ")}]), then`,
                  ...after,
              ],
          };
}

function formerStorage(name: string): string {
    return name.replace(/-\d+(-moved-\d+)?$/, "");
}

function unique(names: readonly string[]): string[] {
    return [...new Set(names)];
}

function byOrdinal(a: string, b: string): number {
    return (ordinalOf(a) ?? 0) - (ordinalOf(b) ?? 0) || (a < b ? -1 : 1);
}
