import { log } from "@pulumi/pulumi";
import type { Resource } from "@pulumi/pulumi";

/** Shows a warning of a resource when that is registered: one of a resource that never is holds back all other messages. */
export function warnOf(resource: Resource, text: string): void {
    resource.urn.apply(() => log.warn(text, resource));
}

/** The same with a message that is no warning. */
export function informOf(resource: Resource, text: string): void {
    resource.urn.apply(() => log.info(text, resource));
}
