"""Runs the policies of Data Lifecycle Manager once: POST /sandbox/backups?region=eu-west-1. Schedules don't count.

Sources, read 2026-11-27:
- https://docs.aws.amazon.com/dlm/latest/APIReference/API_Schedule.html and API_CrossRegionCopyRule.html there: tags and
  copies
- https://docs.aws.amazon.com/ebs/latest/userguide/monitor-cloudwatch-events.html: the reason of state ERROR
- https://docs.aws.amazon.com/ebs/latest/userguide/dlm-elements.html: targets, retention and the system tags
"""

from __future__ import annotations

import json
from typing import Any

import recycle_bin
import states
from account import lock, region_of, settings_of
from encryption import default_key, is_usable
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import Snapshot
from snapshots import complete_copy
from werkzeug.wrappers import Request, Response

POLICY_TAG = "aws:dlm:lifecycle-policy-id"


@Request.application
def application(request: Request) -> Response:
    with lock:
        backend = ec2_backends[DEFAULT_ACCOUNT_ID][request.args["region"]]
        for policy in region_of(backend).lifecycle_policies.values():
            if policy["State"] == "ENABLED":
                run(backend, policy)
    return Response(json.dumps({}), mimetype="application/json")


def run(backend: Any, policy: dict[str, Any]) -> None:
    role, details = policy["ExecutionRoleArn"], policy["PolicyDetails"]
    if role in settings_of(backend).rolesWithoutRights:
        policy.update(State="ERROR", StatusMessage="Role provided does not have sufficient permissions")
        return
    targets = {(tag["Key"], tag["Value"]) for tag in details["TargetTags"]}
    for volume in list(backend.volumes.values()):
        tags = tags_of(volume)
        if targets & set(tags.items()):
            for schedule in details["Schedules"]:
                back_up(backend, volume.id, {**tags, POLICY_TAG: policy["PolicyId"]}, schedule)


def back_up(backend: Any, volume_id: str, tags: dict[str, str], schedule: dict[str, Any]) -> None:
    snapshot = backend.create_snapshot(volume_id, f"Created for policy: {tags[POLICY_TAG]}")
    snapshot.add_tags(tags)
    states.settle(backend)
    for rule in schedule.get("CrossRegionCopyRules", []):
        copy(snapshot, backend.region_name, tags, rule)
    old = [each for each in backend.snapshots.values() if is_of(each, volume_id, tags[POLICY_TAG])]
    for each in old[: -schedule["RetainRule"]["Count"]]:
        backend.delete_snapshot(each.id)
        if not recycle_bin.put(backend, each):
            backend.tags.pop(each.id, None)


def copy(snapshot: Snapshot, region: str, tags: dict[str, str], rule: dict[str, Any]) -> None:
    """Without a key that can be used there is no copy, and no error that one sees."""
    there = ec2_backends[DEFAULT_ACCOUNT_ID][rule["Target"]]
    key = rule.get("CmkArn") or default_key(there)
    if snapshot.status != "completed" or not is_usable(there, key):
        return
    made = there.copy_snapshot(snapshot.id, region, f"Copy of {snapshot.id}", key)
    complete_copy(there, made, snapshot, rule["Encrypted"], key)
    made.add_tags(tags)


def is_of(snapshot: Snapshot, volume_id: str, policy: str) -> bool:
    return snapshot.volume.id == volume_id and tags_of(snapshot).get(POLICY_TAG) == policy


def tags_of(resource: Any) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in resource.get_tags()}
