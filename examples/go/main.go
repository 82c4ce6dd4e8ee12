// Three disks for Jenkins on a kops cluster.
package main

import (
	storage "example.com/pulumi-zonal-persistent-storage/sdk/go/zonalpersistentstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		deletionPolicy := storage.DeletionPolicyDelete
		jenkins, err := storage.NewZonalPersistentStorage(ctx, "jenkins", &storage.ZonalPersistentStorageArgs{
			ClusterName: pulumi.String("proyecto.k8s.local"),
			Count:       3,
			Start:       pulumi.Float64Ref(1),
			Volume: storage.VolumeArgsArgs{
				SizeGiB: pulumi.Float64(10),
				Type:    storage.VolumeTypeGp2,
			},
			PersistentVolume: &storage.PersistentVolumeArgsArgs{
				NamePrefix:    pulumi.StringRef("manual-ebs"),
				OrdinalDigits: pulumi.Float64Ref(2),
				Labels:        pulumi.StringMap{"type": pulumi.String("ebs")},
			},
			StorageClass:   &storage.StorageClassArgsArgs{Name: pulumi.String("manual-ebs")},
			DeletionPolicy: &deletionPolicy,
			Protect:        pulumi.BoolRef(false),
		})
		if err != nil {
			return err
		}
		ctx.Export("zones", jenkins.Zones)
		ctx.Export("storageClassName", jenkins.StorageClassName)
		ctx.Export("volumes", jenkins.Volumes)
		return nil
	})
}
