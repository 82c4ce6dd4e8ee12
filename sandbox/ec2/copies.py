"""Copies of volumes, which moto lacks.

Sources, read 2026-11-27:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyVolumes.html: parameters
- https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copying-volume.html: encryption, considerations
The documentation has one code, CopyVolumesLimitExceeded, and no messages. ConcurrentCopyVolumeLimitExceeded is from a
report; a source in another state has the code of all such errors.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from account import clock, region_of, settings_of
from encryption import encryption_of, is_usable
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from tag_rules import check_specifications
from volume_rules import answer_once, check_quota, wanted_by_moto
from volume_types import configuration, value

MAX_IN_PROGRESS = 5
"""Copies of a region that are not initialized yet; a quota that can be raised."""


def copy_volumes(self: ElasticBlockStore) -> ActionResult:
    return ActionResult({"Volumes": [answer_once(self, new_copy)]})


def new_copy(self: ElasticBlockStore) -> Volume:
    """Has the source's zone, none of its tags, and its key unless another one is given."""
    backend = self.ec2_backend
    source = backend.get_volume(self._get_param("SourceVolumeId"))
    size = self._get_param("Size") or source.size
    if size < source.size:
        raise value(f"Volume of size {size}GB is smaller than volume '{source.id}', expect size >= {source.size}GB")
    wanted = configuration(
        self._get_param("VolumeType") or "gp2",
        size,
        self._get_param("Iops"),
        self._get_param("Throughput"),
        bool(self._get_param("MultiAttachEnabled")),
    )
    check_specifications(self._get_param("TagSpecifications", []))
    check_source(backend, source)
    check_quota(backend, wanted)
    key = self._get_param("KmsKeyId")
    key = encryption_of(backend, source, self._get_param("Encrypted") or key is not None, key)
    self.error_on_dryrun()
    copy = backend.create_volume(
        zone_name=source.zone.name, snapshot_id=None, encrypted=key is not None, kms_key_id=key, **wanted_by_moto(wanted)
    )
    copy.source_volume_id = source.id
    copy.initialized_at = clock.now() + timedelta(seconds=settings_of(backend).copySeconds)
    copy.key_refused = key is not None and not is_usable(backend, key)
    copy.add_tags(self._parse_tag_specification().get("volume", {}))
    region_of(backend).copies.append(copy)
    return copy


def check_source(backend: Any, source: Volume) -> None:
    if source.status not in ("available", "in-use"):
        message = f"Volume {source.id} must be in the available or in-use state to be copied."
        raise EC2ClientError("IncorrectState", message)
    if source.changes and source.changes[-1].modification_state == "modifying":
        message = f"Volume {source.id} cannot be copied in modification state MODIFYING"
        raise EC2ClientError("IncorrectModificationState", message)
    in_progress = [each for each in region_of(backend).copies if each.initialized_at > clock.now()]
    region_of(backend).copies = in_progress
    if source in in_progress:
        raise EC2ClientError("IncorrectState", f"Volume {source.id} is a copy that is not initialized yet.")
    if any(each.source_volume_id == source.id for each in in_progress):
        message = f"There is a copy of volume {source.id} in progress."
        raise EC2ClientError("ConcurrentCopyVolumeLimitExceeded", message)
    if len(in_progress) >= MAX_IN_PROGRESS:
        message = f"You have reached the limit of {MAX_IN_PROGRESS} volume copies in progress."
        raise EC2ClientError("CopyVolumesLimitExceeded", message)
