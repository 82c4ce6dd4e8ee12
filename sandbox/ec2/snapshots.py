"""Copies and deletions of snapshots.

Sources, read 2026-11-27:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html: encryption and tags of a copy
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html: a copy has an arbitrary volume id
"""

from __future__ import annotations

from copy import copy
from typing import Any

import recycle_bin
from encryption import default_key
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

copy_snapshot_of_moto = ElasticBlockStore.copy_snapshot
ARBITRARY_VOLUME = "vol-ffffffff"


def copy_snapshot(self: ElasticBlockStore) -> ActionResult:
    """moto's copy, of a complete snapshot, with EC2's volume id and encryption."""
    backend, region = self.ec2_backend, self._get_param("SourceRegion")
    source = ec2_backends[self.current_account][region].get_snapshot(self._get_param("SourceSnapshotId"))
    if source.status != "completed":
        raise EC2ClientError("IncorrectState", f"The snapshot '{source.id}' is '{source.status}'")
    result = copy_snapshot_of_moto(self)
    made: Snapshot = list(backend.snapshots.values())[-1]
    complete_copy(backend, made, source, self._get_param("Encrypted"), self._get_param("KmsKeyId"))
    return result


def complete_copy(backend: Any, made: Snapshot, source: Snapshot, encrypted: bool | None, key: str | None) -> None:
    """Gives moto's copy what EC2's have."""
    made.volume = copy(source.volume)
    made.volume.id = ARBITRARY_VOLUME
    made.size = source.size
    made.encrypted = bool(source.encrypted or encrypted or backend.ebs_encryption_by_default)
    made.kms_key_id = (key or default_key(backend)) if made.encrypted else None


def delete_snapshot(self: ElasticBlockStore) -> EmptyResult:
    """moto's action, with the Recycle Bin."""
    backend: Any = self.ec2_backend
    self.error_on_dryrun()
    snapshot = backend.delete_snapshot(self._get_param("SnapshotId"))
    if not recycle_bin.put(backend, snapshot):
        backend.tags.pop(snapshot.id, None)
    return EmptyResult()
