import type { Input } from "@pulumi/pulumi";

/** The StorageClass that the PersistentVolumes and their claims name. */
export interface StorageClassArgs {
    /**
     * Name of the class.
     *
     * @default - the component's name
     */
    name?: Input<string>;
    /**
     * Whether the component creates the class. False uses one that exists in the cluster. Plain, since
     * it decides what is created.
     *
     * @default true
     */
    create?: boolean;
    /**
     * Whether claims of the class may ask for more than they have. Counts where the class is created.
     *
     * @default true
     */
    allowVolumeExpansion?: Input<boolean>;
}

/** A StorageClass for disks that Kubernetes itself creates, in the same zones. */
export interface DynamicStorageClassArgs {
    /** Name of the class. */
    name: Input<string>;
    /**
     * Whether such a disk stays when its claim is deleted: Retain or Delete. Can't be changed on an
     * existing class.
     *
     * @default "Retain"
     */
    reclaimPolicy?: Input<string>;
}
