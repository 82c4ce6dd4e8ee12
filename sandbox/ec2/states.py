"""States that volumes, snapshots and attachments go through in time.

moto's objects are in their last state at once. Here each change has a time, and is made at the first request after it.

Sources, read 2026-11-24:
- https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html: states of volumes and attachments
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html: states and progress of snapshots
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html and
  https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: what can be attached
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from account import clock, settings_of
from encryption import default_key
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from volume_types import configuration

init_volume = Volume.__init__
init_snapshot = Snapshot.__init__
attach = ElasticBlockStore.attach_volume


def new_volume(self: Volume, ec2_backend: Any, *args: Any, **kwargs: Any) -> None:
    """Gives a volume, an instance's root as well, the IOPS and the encryption that it really has."""
    init_volume(self, ec2_backend, *args, **kwargs)
    given = None if self.volume_type == "gp2" else self.iops
    has = configuration(self.volume_type, self.size, given, self.throughput, bool(self.multi_attach_enabled))
    self.iops, self.throughput = has.iops, has.throughput
    if ec2_backend.ebs_encryption_by_default and not self.encrypted:
        self.encrypted, self.kms_key_id = True, default_key(ec2_backend)
    self.changes: list[Any] = []
    self.key_refused = False
    self.available_at = clock.now() + timedelta(seconds=settings_of(ec2_backend).creationSeconds)


def volume_status(self: Volume) -> str:
    if self.attachment:
        return "in-use"
    return "creating" if clock.now() < self.available_at else "available"


def new_snapshot(self: Snapshot, ec2_backend: Any, *args: Any, **kwargs: Any) -> None:
    """A snapshot is pending at first, and keeps the size and the key of its volume whatever becomes of that."""
    init_snapshot(self, ec2_backend, *args, **kwargs)
    self.size = self.volume.size
    if self.encrypted and self.kms_key_id is None:
        self.kms_key_id = self.volume.kms_key_id
    self.status = "pending"
    self.start_time = clock.now()
    self.seconds = settings_of(ec2_backend).snapshotSeconds


def snapshot_progress(self: Snapshot) -> str:
    gone = (clock.now() - self.start_time).total_seconds()
    return f"{100 if gone >= self.seconds else int(100 * gone / self.seconds)}%"


def attach_volume(self: ElasticBlockStore) -> ActionResult:
    backend = self.ec2_backend
    volume = backend.get_volume(self._get_param("VolumeId"))
    instance = backend.get_instance(self._get_param("InstanceId"))
    if volume.attachment:
        raise EC2ClientError("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.status != "available":
        raise EC2ClientError("IncorrectState", f"{volume.id} is not 'available'.")
    if instance.placement.zone != volume.zone.name:
        message = f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'"
        raise EC2ClientError("InvalidVolume.ZoneMismatch", message)
    result = attach(self)
    begin(backend, volume, "attaching")
    return result


def detach_volume(self: ElasticBlockStore) -> ActionResult:
    volume = self.ec2_backend.get_volume(self._get_param("VolumeId"))
    instance_id, attachment = self._get_param("InstanceId"), volume.attachment
    if attachment is None:
        raise EC2ClientError("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
    if instance_id and instance_id != attachment.instance.id:
        message = f"Volume '{volume.id}' is not attached to instance '{instance_id}'"
        raise EC2ClientError("InvalidAttachment.NotFound", message)
    self.error_on_dryrun()
    begin(self.ec2_backend, volume, "detaching")
    return ActionResult(
        {
            "VolumeId": volume.id,
            "InstanceId": attachment.instance.id,
            "Device": attachment.device,
            "State": "detaching",
            "AttachTime": attachment.attach_time,
        }
    )


def begin(backend: Any, volume: Volume, status: str) -> None:
    volume.attachment.status = status
    volume.attachment.settles_at = clock.now() + timedelta(seconds=settings_of(backend).attachmentSeconds)


def settle(backend: Any) -> None:
    """Makes the changes of a region whose time has come."""
    for volume in list(backend.volumes.values()):
        settle_modification(volume)
        settle_attachment(volume)
        if volume.key_refused and volume.status == "available":
            backend.volumes.pop(volume.id)
            backend.tags.pop(volume.id, None)
    for snapshot in backend.snapshots.values():
        if snapshot.status == "pending" and snapshot.progress == "100%":
            snapshot.status = "completed"
            snapshot.completion_time = snapshot.start_time + timedelta(seconds=snapshot.seconds)


def settle_modification(volume: Volume) -> None:
    change = volume.changes[-1] if volume.changes else None
    if change and not change.applied and change.modification_state != "modifying":
        change.applied = True
        for name, setting in vars(change.target).items():
            setattr(volume, name, setting)


def settle_attachment(volume: Volume) -> None:
    attachment = volume.attachment
    if attachment is None or attachment.status not in ("attaching", "detaching"):
        return
    if clock.now() < attachment.settles_at:
        return
    if attachment.status == "attaching":
        attachment.status = "attached"
        return
    attachment.status = "detached"
    attachment.instance.block_device_mapping.pop(attachment.device, None)
    volume.attachment = None
