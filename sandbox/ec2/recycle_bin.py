"""EC2's side of the Recycle Bin, which moto lacks: deleted volumes and snapshots lie in it while the account's setting
recycleBinDays says so, keep their ids and tags, and can be restored.

Sources, read 2026-11-27:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/operation-list-rbin.html: requests and answers
- https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html: what is retained, and for how long
- https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-create-rule.html: 1 to 7 days for volumes
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from account import clock, region_of, settings_of
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

VOLUME_DAYS = 7
"""The longest time that a rule for volumes can have."""


@dataclass(frozen=True)
class Binned:
    """A deleted resource."""

    resource: Volume | Snapshot
    enter_time: datetime
    exit_time: datetime


def put(backend: Any, resource: Volume | Snapshot) -> bool:
    """Whether a deleted resource is retained. Its tags stay, which DescribeTags lists."""
    days = settings_of(backend).recycleBinDays
    if isinstance(resource, Volume):
        days = min(days, VOLUME_DAYS)
    if days <= 0:
        return False
    now = clock.now()
    region_of(backend).recycle_bin[resource.id] = Binned(resource, now, now + timedelta(days=days))
    return True


def expire(backend: Any) -> None:
    """Deletes for good what has been in the bin for its time."""
    recycle_bin = region_of(backend).recycle_bin
    for resource_id in [key for key, each in recycle_bin.items() if each.exit_time <= clock.now()]:
        del recycle_bin[resource_id]
        backend.tags.pop(resource_id, None)


def list_volumes_in_recycle_bin(self: ElasticBlockStore) -> ActionResult:
    return page(self, "Volumes", Volume, self._get_param("VolumeIds", []), volume_info)


def list_snapshots_in_recycle_bin(self: ElasticBlockStore) -> ActionResult:
    return page(self, "Snapshots", Snapshot, self._get_param("SnapshotIds", []), snapshot_info)


def restore_volume_from_recycle_bin(self: ElasticBlockStore) -> ActionResult:
    volume = taken(self, "VolumeId", Volume, "InvalidVolume.NotFound", "The volume '{}' does not exist.")
    self.ec2_backend.volumes[volume.id] = volume
    return ActionResult({"Return": True})


def restore_snapshot_from_recycle_bin(self: ElasticBlockStore) -> ActionResult:
    missing = "The snapshot '{}' does not exist."
    snapshot = taken(self, "SnapshotId", Snapshot, "InvalidSnapshot.NotFound", missing)
    self.ec2_backend.snapshots[snapshot.id] = snapshot
    return ActionResult(snapshot)


def taken(self: ElasticBlockStore, parameter: str, kind: type, code: str, message: str) -> Any:
    """Takes a resource out of the bin."""
    resource_id = self._get_param(parameter)
    recycle_bin = region_of(self.ec2_backend).recycle_bin
    if resource_id not in recycle_bin or not isinstance(recycle_bin[resource_id].resource, kind):
        raise EC2ClientError(code, message.format(resource_id))
    self.error_on_dryrun()
    return recycle_bin.pop(resource_id).resource


def page(self: ElasticBlockStore, name: str, kind: type, ids: list[str], info: Any) -> ActionResult:
    self.error_on_dryrun()
    found = [
        info(each)
        for each in region_of(self.ec2_backend).recycle_bin.values()
        if isinstance(each.resource, kind) and (not ids or each.resource.id in ids)
    ]
    most = self._get_param("MaxResults")
    if most and kind is Volume and not 5 <= int(most) <= 500:
        raise EC2ClientError("InvalidParameterValue", "MaxResults must be between 5 and 500")
    return paged(self, name, found)


def paged(self: ElasticBlockStore, name: str, found: list[Any]) -> ActionResult:
    """The page of a list that is asked for."""
    most = int(self._get_param("MaxResults") or 1000)
    start = int(self._get_param("NextToken") or 0)
    following = str(start + most) if start + most < len(found) else None
    return ActionResult({name: found[start : start + most], "NextToken": following})


def volume_info(binned: Binned) -> dict[str, Any]:
    volume = binned.resource
    return {
        "VolumeId": volume.id,
        "VolumeType": volume.volume_type,
        "State": "available",
        "Size": volume.size,
        "Iops": volume.iops,
        "Throughput": volume.throughput,
        "AvailabilityZone": volume.zone.name,
        "SourceVolumeId": getattr(volume, "source_volume_id", None),
        "SnapshotId": volume.snapshot_id,
        "CreateTime": volume.create_time,
        "RecycleBinEnterTime": binned.enter_time,
        "RecycleBinExitTime": binned.exit_time,
    }


def snapshot_info(binned: Binned) -> dict[str, Any]:
    snapshot = binned.resource
    return {
        "SnapshotId": snapshot.id,
        "Description": snapshot.description,
        "VolumeId": snapshot.volume.id,
        "RecycleBinEnterTime": binned.enter_time,
        "RecycleBinExitTime": binned.exit_time,
    }
