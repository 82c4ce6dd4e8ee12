import type { Tag } from "@aws-sdk/client-ec2";
import type { Properties } from "./provider";

type Tags = Readonly<Record<string, string>>;

/**
 * The provider's `defaultTags` and `ignoreTags`, as terraform-provider-aws applies them in
 * internal/provider/sdkv2/tags_interceptor.go (5f2286d, read on 2026-11-27).
 */
export class ProviderTags {
    private defaults: Tags = {};
    private ignoredKeys: readonly string[] = [];
    private ignoredPrefixes: readonly string[] = [];

    public configure({ defaultTags, ignoreTags }: Properties): void {
        const { tags = {} } = parseSetting(defaultTags) as { tags?: Tags };
        const { keys = [], keyPrefixes = [] } = parseSetting(ignoreTags) as {
            keys?: string[];
            keyPrefixes?: string[];
        };
        this.defaults = tags;
        this.ignoredKeys = keys;
        this.ignoredPrefixes = keyPrefixes;
    }

    /** All tags of a resource. */
    public all(asked: unknown): Tags {
        return { ...this.defaults, ...(asked as Tags | undefined) };
    }

    /** Tags of a resource in the provider's outputs; `asked` are its own inputs. */
    public visibleTags(tags: readonly Tag[] = [], asked: unknown = {}): { tags: Tags; tagsAll: Tags } {
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

/** Tags in EC2's form. */
export function tagList(tags: Tags = {}): Tag[] {
    return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Keys of tags to delete, and tags to set. */
export function changedTags(before: unknown, after: unknown): { gone: string[]; changed: Tags } {
    const [had, wanted] = [before ?? {}, after ?? {}] as [Tags, Tags];
    return {
        gone: Object.keys(had).filter((key) => wanted[key] === undefined),
        changed: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => had[key] !== value)),
    };
}

/** Parses a setting: values that aren't texts are passed as JSON. */
function parseSetting(setting: unknown): object {
    return typeof setting === "string" ? (JSON.parse(setting) as object) : (setting ?? {});
}
