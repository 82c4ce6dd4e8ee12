"""Actions for volumes with EC2's rules, in place of moto's.

Each function is an action of EC2, with moto's name for it. Error codes:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (read on 2026-11-27). The documentation has
no messages, and no VolumeModificationRateExceeded; these are from reports of users.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import recycle_bin
from account import clock, region_of, settings_of
from encryption import encryption_of, is_usable
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError, VolumeInUseError
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.ec2.utils import generic_filter
from tag_rules import check_specifications
from volume_types import Configuration, combination, configuration, modified, value


DAY = timedelta(hours=24)
MODIFICATIONS_A_DAY = 4


def create_volume(self: ElasticBlockStore) -> ActionResult:
    return ActionResult(answer_once(self, new_volume))


def answer_once(self: ElasticBlockStore, make: Callable[[ElasticBlockStore], Volume]) -> Volume:
    """A repeated request with the same token gets the same answer, unless its parameters differ.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html (read on 2026-11-27).
    """
    backend, token, parameters = self.ec2_backend, self._get_param("ClientToken"), repr(self.params)
    volumes = region_of(backend).volumes_by_token
    if token is None:
        return make(self)
    if token not in volumes:
        volumes[token] = (parameters, make(self))
    known, volume = volumes[token]
    if known != parameters:
        message = "The request uses the same client token as a previous, but non-identical request."
        raise EC2ClientError("IdempotentParameterMismatch", message)
    return volume


def new_volume(self: ElasticBlockStore) -> Volume:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html (read on 2026-11-27)."""
    backend = self.ec2_backend
    zone = zone_of(self)
    snapshot_id = self._get_param("SnapshotId")
    snapshot = usable_snapshot(backend, snapshot_id) if snapshot_id else None
    rate = initialization_rate(self)
    wanted = configuration(
        self._get_param("VolumeType") or "gp2",
        size_of(self, snapshot),
        self._get_param("Iops"),
        self._get_param("Throughput"),
        bool(self._get_param("MultiAttachEnabled")),
    )
    key = encryption_of(backend, snapshot, self._get_param("Encrypted"), self._get_param("KmsKeyId"))
    check_specifications(self._get_param("TagSpecifications", []))
    check_quota(backend, wanted)
    self.error_on_dryrun()
    volume = backend.create_volume(
        zone_name=zone, snapshot_id=snapshot_id, encrypted=key is not None, kms_key_id=key, **wanted_by_moto(wanted)
    )
    volume.volume_initialization_rate = rate
    # "AWS authenticates the KMS key asynchronously": the answer is that of a success, then the volume is gone.
    volume.key_refused = key is not None and not is_usable(backend, key)
    volume.add_tags(self._parse_tag_specification().get("volume", {}))
    return volume


def wanted_by_moto(wanted: Configuration) -> dict[str, Any]:
    """moto accepts no IOPS for gp2: the volume gets its baseline."""
    settings = dict(vars(wanted))
    if wanted.volume_type == "gp2":
        settings["iops"] = None
    return settings


def zone_of(self: ElasticBlockStore) -> str:
    name, zone_id = self._get_param("AvailabilityZone"), self._get_param("AvailabilityZoneId")
    if name and zone_id:
        raise combination("The parameters AvailabilityZone and AvailabilityZoneId can't be used together.")
    if not name and not zone_id:
        raise EC2ClientError("MissingParameter", "The request must contain the parameter zone")
    for zone in self.ec2_backend.describe_availability_zones():
        if name == zone.name or zone_id == zone.zone_id:
            return str(zone.name)
    raise EC2ClientError("InvalidZone.NotFound", f"The zone '{name or zone_id}' does not exist.")


def usable_snapshot(backend: Any, snapshot_id: str) -> Any:
    """Archived ones have to be restored first: https://docs.aws.amazon.com/ebs/latest/userguide/archive-snapshot.html
    (read on 2026-11-24). The documentation has no code for that; it is a state, as pending is.
    """
    snapshot = backend.get_snapshot(snapshot_id)
    if snapshot.status != "completed":
        raise EC2ClientError("IncorrectState", f"Snapshot is in invalid state - {snapshot.status}")
    if snapshot.storage_tier == "archive" and snapshot.restore_expiry_time is None:
        raise EC2ClientError("IncorrectState", f"Snapshot '{snapshot_id}' is in the archive tier")
    return snapshot


def size_of(self: ElasticBlockStore, snapshot: Any) -> int:
    """"You can specify a volume size that is equal to or larger than the snapshot size"."""
    size = self._get_param("Size")
    if size is None:
        if snapshot is None:
            raise EC2ClientError("MissingParameter", "The request must contain the parameter size/snapshot")
        return int(snapshot.volume_size)
    if snapshot is not None and size < snapshot.volume_size:
        raise value(
            f"Volume of size {size}GB is smaller than snapshot '{snapshot.id}', "
            f"expect size >= {snapshot.volume_size}GB"
        )
    return int(size)


def initialization_rate(self: ElasticBlockStore) -> int | None:
    """100 to 300 MiB/s, "only for volumes created from snapshots"."""
    rate: int | None = self._get_param("VolumeInitializationRate")
    if rate is not None and not self._get_param("SnapshotId"):
        raise combination(
            "You can't specify VolumeInitializationRate for volumes that are not created from a snapshot."
        )
    if rate is not None and not 100 <= rate <= 300:
        raise value("The value specified for VolumeInitializationRate is not in the allowed range.")
    return rate


def check_quota(backend: Any, wanted: Configuration) -> None:
    """The quotas are of storage for each type: https://docs.aws.amazon.com/general/latest/gr/ebs-service.html
    (read on 2026-11-24).
    """
    quota = settings_of(backend).volumeQuotaGiB
    used = sum(v.size for v in backend.volumes.values() if v.volume_type == wanted.volume_type)
    if quota is not None and used + wanted.size > quota:
        raise EC2ClientError(
            "VolumeLimitExceeded",
            f"You have exceeded your maximum {wanted.volume_type} storage limit of {quota} GiB in this region. "
            "Please contact AWS Support to request an Elastic Block Store service limit increase.",
        )


@dataclass
class Modification:
    """A modification of a volume and its progress.

    States: https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html
    (read on 2026-11-27), by which the new size is there when the volume is optimizing.
    """

    volume: Volume
    original: Configuration
    target: Configuration
    start_time: datetime
    seconds: float
    applied: bool = False

    @property
    def progress(self) -> int:
        gone = (clock.now() - self.start_time).total_seconds()
        return 100 if gone >= self.seconds else int(100 * gone / self.seconds)

    @property
    def modification_state(self) -> str:
        return "modifying" if self.progress < 50 else "optimizing" if self.progress < 100 else "completed"

    def description(self) -> dict[str, Any]:
        described = {
            "VolumeId": self.volume.id,
            "ModificationState": self.modification_state,
            "Progress": self.progress,
            "StartTime": self.start_time,
        }
        if self.progress == 100:
            described["EndTime"] = self.start_time + timedelta(seconds=self.seconds)
        for prefix, settings in (("Original", self.original), ("Target", self.target)):
            described[f"{prefix}Size"] = settings.size
            described[f"{prefix}VolumeType"] = settings.volume_type
            described[f"{prefix}Iops"] = settings.iops
            described[f"{prefix}Throughput"] = settings.throughput
            described[f"{prefix}MultiAttachEnabled"] = settings.multi_attach_enabled
        return described

    def get_filter_value(self, name: str) -> Any:
        key = "".join(part.capitalize() for part in name.split("-"))
        return str(self.description().get(key, ""))


def modify_volume(self: ElasticBlockStore) -> ActionResult:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html (read on 2026-11-27)."""
    backend = self.ec2_backend
    volume = backend.get_volume(self._get_param("VolumeId"))
    original = Configuration(
        volume.size, volume.volume_type, volume.iops, volume.throughput, bool(volume.multi_attach_enabled)
    )
    parameters = ("Size", "VolumeType", "Iops", "Throughput", "MultiAttachEnabled")
    target = modified(original, *(self._get_param(name) for name in parameters))
    check_modifiable(volume)
    self.error_on_dryrun()
    seconds = settings_of(backend).modificationSeconds
    volume.changes.append(Modification(volume, original, target, clock.now(), seconds))
    region_of(backend).changing.append(volume)
    # The answer always shows the start of the modification.
    begun = {**volume.changes[-1].description(), "ModificationState": "modifying", "Progress": 0, "EndTime": None}
    return ActionResult({"VolumeModification": begun})


def check_modifiable(volume: Volume) -> None:
    """One modification at a time, and four "within a rolling 24-hour period", of a volume that is there."""
    if volume.status not in ("available", "in-use"):
        message = f"Volume {volume.id} must be in the available or in-use state to be modified."
        raise EC2ClientError("IncorrectState", message)
    if volume.changes and volume.changes[-1].progress < 100:
        state = volume.changes[-1].modification_state.upper()
        message = f"Volume {volume.id} cannot be modified in modification state {state}"
        raise EC2ClientError("IncorrectModificationState", message)
    recent = [change for change in volume.changes if change.start_time > clock.now() - DAY]
    if len(recent) >= MODIFICATIONS_A_DAY:
        until = (recent[0].start_time + DAY).isoformat(timespec="milliseconds")
        raise EC2ClientError(
            "VolumeModificationRateExceeded",
            f"You've reached the maximum modification rate per volume limit. Wait until {until}Z before you can "
            "issue the next modification request for this volume.",
        )


def describe_volumes(self: ElasticBlockStore) -> ActionResult:
    """moto's action, with EC2's message for an unknown id, and in pages."""
    ids = self._get_param("VolumeIds", [])
    for volume_id in ids:
        self.ec2_backend.get_volume(volume_id)
    found = self.ec2_backend.describe_volumes(ids, self._filters_from_querystring())
    return recycle_bin.paged(self, "Volumes", found)


def describe_volumes_modifications(self: ElasticBlockStore) -> ActionResult:
    """"The most recent volume modification request": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
    API_DescribeVolumesModifications.html (read on 2026-11-27).
    """
    backend, ids = self.ec2_backend, self._get_param("VolumeIds", [])
    volumes = [backend.get_volume(volume_id) for volume_id in ids] or list(backend.volumes.values())
    unmodified = [volume.id for volume in volumes if not volume.changes]
    if ids and unmodified:
        message = f"Modification for volume '{unmodified[0]}' does not exist."
        raise EC2ClientError("InvalidVolumeModification.NotFound", message)
    latest = [volume.changes[-1] for volume in volumes if volume.changes]
    found = generic_filter(self._filters_from_querystring(), latest)
    return ActionResult({"VolumesModifications": [change.description() for change in found]})


def delete_volume(self: ElasticBlockStore) -> EmptyResult:
    """"The volume must be in the available state": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
    API_DeleteVolume.html (read on 2026-11-27).
    """
    volume = self.ec2_backend.get_volume(self._get_param("VolumeId"))
    if volume.attachment:
        raise VolumeInUseError(volume.id, volume.attachment.instance.id)
    if volume.status != "available":
        raise EC2ClientError("IncorrectState", f"The volume '{volume.id}' is '{volume.status}'")
    self.error_on_dryrun()
    self.ec2_backend.delete_volume(volume.id)
    if not recycle_bin.put(self.ec2_backend, volume):
        self.ec2_backend.tags.pop(volume.id, None)
    return EmptyResult()
