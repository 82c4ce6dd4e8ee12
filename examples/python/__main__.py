"""Three disks for Jenkins on a kops cluster."""

import pulumi
from pulumi_zonal_persistent_storage import DeletionPolicy, VolumeType, ZonalPersistentStorage

jenkins = ZonalPersistentStorage(
    "jenkins",
    cluster_name="proyecto.k8s.local",
    count=3,
    start=1,
    volume={"size_gi_b": 10, "type": VolumeType.GP2},
    persistent_volume={"name_prefix": "manual-ebs", "ordinal_digits": 2, "labels": {"type": "ebs"}},
    storage_class={"name": "manual-ebs"},
    deletion_policy=DeletionPolicy.DELETE,
    protect=False,
)

pulumi.export("zones", jenkins.zones)
pulumi.export("storageClassName", jenkins.storage_class_name)
pulumi.export("volumes", jenkins.volumes)
