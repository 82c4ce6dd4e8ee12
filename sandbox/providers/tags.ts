import type { Tag } from "@aws-sdk/client-ec2";
import type { Properties } from "./provider";

type Tags = Readonly<Record<string, string>>;

/**
 * The provider's `defaultTags` and `ignoreTags`, as terraform-provider-aws applies them in
 * internal/provider/sdkv2/tags_interceptor.go (read on 2026-11-24).
 */
export class ProviderTags {
    private defaults: Tags = {};
    private ignoredKeys: readonly string[] = [];
    private ignoredPrefixes: readonly string[] = [];

    public configure({ defaultTags, ignoreTags }: Properties): void {
        const { tags = {} } = parsed(defaultTags) as { tags?: Tags };
        const { keys = [], keyPrefixes = [] } = parsed(ignoreTags) as {
            keys?: string[];
            keyPrefixes?: string[];
        };
        this.defaults = tags;
        this.ignoredKeys = keys;
        this.ignoredPrefixes = keyPrefixes;
    }

    /** All tags that a resource gets. */
    public all(asked: unknown): Tags {
        return { ...this.defaults, ...(asked as Tags | undefined) };
    }

    /** Tags of a resource as the provider shows them; `asked` are the resource's own. */
    public shown(tags: readonly Tag[] = [], asked: unknown = {}): { tags: Tags; tagsAll: Tags } {
        const tagsAll = Object.fromEntries(
            tags.flatMap(({ Key = "", Value = "" }) => (this.isIgnored(Key) ? [] : [[Key, Value]])),
        ) as Tags;
        const isDefault = ([key, value]: [string, string]) =>
            this.defaults[key] === value && !Object.hasOwn(asked as object, key);
        return {
            tags: Object.fromEntries(Object.entries(tagsAll).filter((entry) => !isDefault(entry))),
            tagsAll,
        };
    }

    private isIgnored(key: string): boolean {
        return (
            key.startsWith("aws:") ||
            this.ignoredKeys.includes(key) ||
            this.ignoredPrefixes.some((prefix) => key.startsWith(prefix))
        );
    }
}

/** Tags as EC2 takes them. */
export function asTags(tags: Tags = {}): Tag[] {
    return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Keys of tags that have to go, and tags that have to be set. */
export function changedTags(before: unknown, after: unknown): { gone: string[]; changed: Tags } {
    const [had, wanted] = [before ?? {}, after ?? {}] as [Tags, Tags];
    return {
        gone: Object.keys(had).filter((key) => wanted[key] === undefined),
        changed: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => had[key] !== value)),
    };
}

/** Settings that aren't text come as JSON. */
function parsed(setting: unknown): object {
    return typeof setting === "string" ? (JSON.parse(setting) as object) : (setting ?? {});
}
