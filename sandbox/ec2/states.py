"""States that volumes, snapshots and attachments go through in time.

moto's objects are in their final state at once. Here each change has a time, and applies at the first request after it.

Sources, read on 2026-11-27:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html and API_VolumeAttachment.html: states of
  volumes and attachments
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html: states and progress of snapshots
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html and
  https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: what can be attached
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from account import clock, region_of, settings_of
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
    """Gives a volume, also an instance's root, EC2's IOPS and encryption."""
    init_volume(self, ec2_backend, *args, **kwargs)
    given = None if self.volume_type == "gp2" else self.iops
    has = configuration(self.volume_type, self.size, given, self.throughput, bool(self.multi_attach_enabled))
    self.iops, self.throughput = has.iops, has.throughput
    if ec2_backend.ebs_encryption_by_default and not self.encrypted:
        self.encrypted, self.kms_key_id = True, default_key(ec2_backend)
    self.changes: list[Any] = []
    self.key_refused = False
    self.is_created = False
    self.create_time = clock.now()
    self.available_at = self.create_time + timedelta(seconds=settings_of(ec2_backend).creationSeconds)
    region_of(ec2_backend).changing.append(self)


def volume_status(self: Volume) -> str:
    if self.attachment:
        return "in-use"
    return "available" if self.is_created else "creating"


def new_snapshot(self: Snapshot, ec2_backend: Any, *args: Any, **kwargs: Any) -> None:
    """A snapshot is pending at first, and keeps its volume's size and key even if the volume changes."""
    init_snapshot(self, ec2_backend, *args, **kwargs)
    self.size = self.volume.size
    if self.encrypted and self.kms_key_id is None:
        self.kms_key_id = self.volume.kms_key_id
    self.status = "pending"
    self.start_time = clock.now()
    self.seconds = settings_of(ec2_backend).snapshotSeconds
    region_of(ec2_backend).changing.append(self)


def snapshot_progress(self: Snapshot) -> str:
    if self.status == "completed":
        return "100%"
    gone = (clock.now() - self.start_time).total_seconds()
    return f"{int(100 * gone / self.seconds) if gone < self.seconds else 0}%"


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
    region_of(backend).changing.append(volume)


def settle(backend: Any) -> None:
    """Applies the changes of a region whose time has come."""
    region = region_of(backend)
    changing = {each.id: each for each in region.changing}.values()
    region.changing = [each for each in changing if not is_settled(backend, each)]


def is_settled(backend: Any, changing: Volume | Snapshot) -> bool:
    if isinstance(changing, Snapshot):
        return settle_snapshot(changing)
    return all([settle_creation(backend, changing), settle_modification(changing), settle_attachment(changing)])


def settle_snapshot(snapshot: Snapshot) -> bool:
    completion_time = snapshot.start_time + timedelta(seconds=snapshot.seconds)
    if clock.now() < completion_time:
        return False
    snapshot.status, snapshot.completion_time = "completed", completion_time
    return True


def settle_creation(backend: Any, volume: Volume) -> bool:
    if clock.now() < volume.available_at:
        return False
    volume.is_created = True
    if volume.key_refused:
        backend.volumes.pop(volume.id, None)
        backend.tags.pop(volume.id, None)
    return True


def settle_modification(volume: Volume) -> bool:
    change = volume.changes[-1] if volume.changes else None
    if change is None or change.applied:
        return True
    if change.modification_state == "modifying":
        return False
    change.applied = True
    for name, setting in vars(change.target).items():
        setattr(volume, name, setting)
    return True


def settle_attachment(volume: Volume) -> bool:
    attachment = volume.attachment
    if attachment is None or attachment.status not in ("attaching", "detaching"):
        return True
    if clock.now() < attachment.settles_at:
        return False
    if attachment.status == "attaching":
        attachment.status = "attached"
        return True
    attachment.status = "detached"
    attachment.instance.block_device_mapping.pop(attachment.device, None)
    volume.attachment = None
    return True
