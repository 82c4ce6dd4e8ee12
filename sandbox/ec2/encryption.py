"""EC2's rules for the encryption of volumes.

Sources:
- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html, Encrypted and KmsKeyId, read on
  2026-11-27
- https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html and
  https://docs.aws.amazon.com/ebs/latest/userguide/encryption-examples.html: which key a volume gets, read on 2026-11-24
- https://docs.aws.amazon.com/cli/latest/reference/ec2/get-ebs-default-kms-key-id.html: alias/aws/ebs unless changed,
  read on 2026-11-27
"""

from __future__ import annotations

from typing import Any

from account import settings_of
from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidParameterDependency
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

DEFAULT_ALIAS = "alias/aws/ebs"


def encryption_of(backend: Any, snapshot: Any, encrypted: bool | None, key: str | None) -> str | None:
    """Returns the ARN of a new volume's key; None if the volume isn't encrypted.

    Encrypted=false has the same effect as no value.
    """
    if key and not encrypted:
        raise InvalidParameterDependency("KmsKeyId", "Encrypted")
    if key:
        return key_arn(backend, key)
    if snapshot is not None and snapshot.encrypted:
        return snapshot.kms_key_id or default_key(backend)
    return default_key(backend) if encrypted or backend.ebs_encryption_by_default else None


def is_usable(backend: Any, arn: str) -> bool:
    """Whether EC2 may use a key. An alias without a key can't be used."""
    refused = {key_arn(backend, key) for key in settings_of(backend).keysWithoutRights}
    return arn not in refused and ":alias/" not in arn


def key_arn(backend: Any, key: str) -> str:
    """The ARN of a key by its ARN, its id, its alias or its alias' ARN."""
    name = key.rsplit(":", 1)[-1]
    if name == DEFAULT_ALIAS:
        return aws_managed_key(backend)
    if name.startswith("key/"):
        return key
    prefix = f"arn:aws:kms:{backend.region_name}:{backend.account_id}"
    if not name.startswith("alias/"):
        return f"{prefix}:key/{name}"
    kms = kms_of(backend)
    return str(kms.describe_key(name).arn) if kms.alias_exists(name) else f"{prefix}:{name}"


def default_key(backend: Any) -> str:
    return str(backend.default_kms_key_id or aws_managed_key(backend))


def aws_managed_key(backend: Any) -> str:
    kms = kms_of(backend)
    if not kms.alias_exists(DEFAULT_ALIAS):
        backend._create_default_encryption_key()
    return str(kms.describe_key(DEFAULT_ALIAS).arn)


def kms_of(backend: Any) -> Any:
    # Imported on demand: it takes time, and few requests need it.
    from moto.kms import kms_backends

    return kms_backends[backend.account_id][backend.region_name]


def get_ebs_default_kms_key_id(self: ElasticBlockStore) -> ActionResult:
    self.error_on_dryrun()
    key = default_key(self.ec2_backend)
    is_managed = key == aws_managed_key(self.ec2_backend)
    return ActionResult({"KmsKeyId": DEFAULT_ALIAS if is_managed else key})


def reset_ebs_default_kms_key_id(self: ElasticBlockStore) -> ActionResult:
    self.error_on_dryrun()
    self.ec2_backend.default_kms_key_id = aws_managed_key(self.ec2_backend)
    return ActionResult({"KmsKeyId": DEFAULT_ALIAS})
