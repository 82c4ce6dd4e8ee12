// Kubernetes' rules for names, from k8s.io/apimachinery v0.37.2 (pkg/api/validate/content, pkg/api/validation), read on
// 2026-11-27.

/** Characters of a name that is a DNS subdomain. */
export const maxObjectName = 253;

/** A DNS subdomain, as most names are: IsDNS1123Subdomain. */
export const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The rule for {@link dnsSubdomain}. */
export const objectNameRule = "must consist of lower case letters, digits, hyphens and dots, at most 253";

/** A DNS label, as the name of a namespace is: IsDNS1123Label. */
export const dnsLabel = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The rule for {@link dnsLabel}. */
export const namespaceRule = "must be a namespace: lower case letters, digits and hyphens, at most 63";

/** The value of a label: IsValidLabelValue. */
export const labelValue = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** A rule for the keys of a map. */
export interface KeyRule {
    readonly rule: string;
    readonly isRight: (key: string) => boolean;
}

const rule =
    "must have a key of at most 63 letters, digits, hyphens, dots and underscores, after a DNS name and a slash if need be";

/** Keys of labels: IsQualifiedName. */
export const labelKeys: KeyRule = { rule, isRight: isQualifiedName };

/** Keys of annotations, in which upper case may be anywhere: ValidateAnnotations. */
export const annotationKeys: KeyRule = { rule, isRight: (key) => isQualifiedName(key.toLowerCase()) };

/** Bytes of all annotations of an object, with their keys: ValidateAnnotationsSize. */
export const maxAnnotationBytes = 256 * 1024;

function isQualifiedName(key: string): boolean {
    const slash = key.indexOf("/");
    const isPrefixRight = slash < 0 || dnsSubdomain.test(key.slice(0, slash));
    return isPrefixRight && /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(key.slice(slash + 1));
}
