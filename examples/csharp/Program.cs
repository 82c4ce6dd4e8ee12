// Three disks for Jenkins on a kops cluster.
using System.Collections.Generic;
using Pulumi;
using Pulumi.ZonalPersistentStorage;
using Pulumi.ZonalPersistentStorage.Inputs;

return await Deployment.RunAsync(() =>
{
    var jenkins = new Pulumi.ZonalPersistentStorage.ZonalPersistentStorage("jenkins", new ZonalPersistentStorageArgs
    {
        ClusterName = "proyecto.k8s.local",
        Count = 3,
        Start = 1,
        Volume = new VolumeArgsArgs { SizeGiB = 10, Type = VolumeType.Gp2 },
        PersistentVolume = new PersistentVolumeArgsArgs
        {
            NamePrefix = "manual-ebs",
            OrdinalDigits = 2,
            Labels = { ["type"] = "ebs" },
        },
        StorageClass = new StorageClassArgsArgs { Name = "manual-ebs" },
        DeletionPolicy = DeletionPolicy.Delete,
        Protect = false,
    });

    return new Dictionary<string, object?>
    {
        ["zones"] = jenkins.Zones,
        ["storageClassName"] = jenkins.StorageClassName,
        ["volumes"] = jenkins.Volumes,
    };
});
