"""Replaces moto's actions by ones with EC2's rules."""

from __future__ import annotations

from typing import Any

import copies
import encryption
import recycle_bin
import snapshots
import states
import volume_rules
from account import lock
from moto.core.responses import ActionResult
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.responses import EC2Response
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.ec2.responses.tags import TagResponse
from tag_rules import check_specifications, check_tags, own_tags

call_action = EC2Response.call_action
create_snapshot = ElasticBlockStore.create_snapshot
create_tags = TagResponse.create_tags


def call_action_in_turn(self: EC2Response) -> Any:
    """One request at a time: moto's objects have no locks."""
    with lock:
        states.settle(self.ec2_backend)
        recycle_bin.expire(self.ec2_backend)
        return call_action(self)


def create_snapshot_with_checked_tags(self: ElasticBlockStore) -> ActionResult:
    check_specifications(self._get_param("TagSpecifications", []))
    return create_snapshot(self)


def create_checked_tags(self: TagResponse) -> ActionResult:
    check_tags(self._get_param("Tags", []))
    return create_tags(self)


def install() -> None:
    """Replaces the actions. Call it before the first request."""
    EC2Response.call_action = call_action_in_turn
    TaggedEC2Resource.get_tags = own_tags
    Volume.__init__ = states.new_volume
    Volume.status = property(states.volume_status)
    Snapshot.__init__ = states.new_snapshot
    Snapshot.volume_size = property(lambda self: self.size)
    Snapshot.progress = property(states.snapshot_progress)
    actions = (
        copies.copy_volumes,
        create_snapshot_with_checked_tags,
        encryption.get_ebs_default_kms_key_id,
        encryption.reset_ebs_default_kms_key_id,
        recycle_bin.list_snapshots_in_recycle_bin,
        recycle_bin.list_volumes_in_recycle_bin,
        recycle_bin.restore_snapshot_from_recycle_bin,
        recycle_bin.restore_volume_from_recycle_bin,
        snapshots.copy_snapshot,
        snapshots.delete_snapshot,
        states.attach_volume,
        states.detach_volume,
        volume_rules.create_volume,
        volume_rules.modify_volume,
        volume_rules.describe_volumes,
        volume_rules.describe_volumes_modifications,
        volume_rules.delete_volume,
    )
    for action in actions:
        setattr(ElasticBlockStore, action.__name__.removesuffix("_with_checked_tags"), action)
    TagResponse.create_tags = create_checked_tags
