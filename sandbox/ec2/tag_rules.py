"""EC2's rules for tags.

Sources, read on 2026-11-27:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Tag.html: keys of at most 127 characters that don't
  begin with aws:, values of at most 256 (the User Guide has 128 for keys; 127 holds by both)
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html: 50 tags a resource
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: TagLimitExceeded
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError, TagLimitExceeded
from moto.ec2.models.core import TaggedEC2Resource

MAX_TAGS = 50
MAX_KEY = 127
MAX_VALUE = 256


def check_tags(tags: list[dict[str, str]]) -> None:
    """Rejects tags that EC2 rejects on any resource."""
    keys = [tag.get("Key") or "" for tag in tags]
    for tag, key in zip(tags, keys):
        if key.lower().startswith("aws:"):
            raise refusal("Tag keys starting with 'aws:' are reserved for internal use")
        if not key:
            raise refusal("Tag key must not be empty")
        if len(key) > MAX_KEY:
            raise refusal(f"Tag key exceeds the maximum length of {MAX_KEY} characters")
        if len(tag.get("Value") or "") > MAX_VALUE:
            raise refusal(f"Tag value exceeds the maximum length of {MAX_VALUE} characters")
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise refusal(f"Duplicate tag key '{twice}' specified.")


def check_specifications(specifications: list[dict[str, Any]]) -> None:
    """Rejects tags of a new resource before it is created. moto would create it, and then reject its tags."""
    for specification in specifications:
        tags = specification.get("Tags", [])
        check_tags(tags)
        if len(tags) > MAX_TAGS:
            raise TagLimitExceeded()


def own_tags(self: TaggedEC2Resource) -> list[dict[str, str]]:
    """A resource's tags by its id. moto looks through those of all resources: for each of 2,000 volumes, 40 ms."""
    tags = self.ec2_backend.tags.get(self.id) or {}
    return [{"resource_id": self.id, "key": key, "value": value} for key, value in tags.items()]


def refusal(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", message)
