"""The sandbox's AWS account: its settings, its clock, and the HTTP interface to both.

PUT /sandbox/settings?region=eu-west-1 changes settings of a region, GET reads them, DELETE resets them.
POST /sandbox/clock advances the clock of all regions: {"advanceSeconds": 86400}.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

lock = threading.RLock()
"""Held while a request reads or changes the account: requests come in parallel."""


@dataclass(frozen=True)
class Settings:
    """Settings by their names in JSON. By default everything happens at once."""

    encryptionByDefault: bool = False
    creationSeconds: float = 0
    """Seconds for which a new volume is creating."""
    modificationSeconds: float = 0
    """Seconds of a modification: half of them modifying, half optimizing."""
    snapshotSeconds: float = 0
    """Seconds for which a new snapshot is pending."""
    copySeconds: float = 0
    """Seconds until a copy of a volume is initialized."""
    attachmentSeconds: float = 0
    """Seconds for which a volume is attaching, and detaching."""
    volumeQuotaGiB: int | None = None
    """Quota for the storage of all volumes of one type."""
    keysWithoutRights: tuple[str, ...] = ()
    """ARNs, ids or aliases of KMS keys that EC2 may not use; the default key is alias/aws/ebs."""
    recycleBinDays: float = 0
    """Days for which the Recycle Bin retains deleted volumes, 7 at most, and snapshots. 0 for no retention rule."""
    rolesWithoutRights: tuple[str, ...] = ()
    """ARNs of roles with which Data Lifecycle Manager fails: their policies get into state ERROR."""


@dataclass
class Region:
    """Data of a region that moto doesn't have."""

    settings: Settings = Settings()
    volumes_by_token: dict[str, Any] = field(default_factory=dict)
    changing: list[Any] = field(default_factory=list)
    """Volumes and snapshots that are not in their final state."""
    copies: list[Any] = field(default_factory=list)
    """Copies of volumes that may not be initialized yet."""
    lifecycle_policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Policies by id, in the form of Data Lifecycle Manager's answers."""
    recycle_bin: dict[str, Any] = field(default_factory=dict)
    """Deleted volumes and snapshots by id."""


class Clock:
    """The account's clock, which tests can advance."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        # Naive UTC, like all times in moto.
        return datetime.now(timezone.utc).replace(tzinfo=None) + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


clock = Clock()


def region_of(backend: Any) -> Region:
    """Stored in moto's backend, so that moto's reset clears it as well."""
    region: Region = backend.__dict__.setdefault("sandbox_region", Region())
    return region


def settings_of(backend: Any) -> Settings:
    """The current settings of a region. EC2's API can change encryption by default as well."""
    return replace(
        region_of(backend).settings, encryptionByDefault=backend.ebs_encryption_by_default
    )


def change_settings(backend: Any, settings: Settings) -> None:
    region_of(backend).settings = settings
    backend.ebs_encryption_by_default = settings.encryptionByDefault


@Request.application
def application(request: Request) -> Response:
    """Answers requests for /sandbox/."""
    try:
        with lock:
            return Response(json.dumps(answer(request)), mimetype="application/json")
    except HTTPException as error:
        return Response(f"{error.description}\n", status=error.code, mimetype="text/plain")


def answer(request: Request) -> Any:
    if (request.method, request.path) == ("POST", "/sandbox/clock"):
        seconds = body_of(request).get("advanceSeconds")
        if not is_a(seconds, "float") or seconds < 0:
            raise BadRequest(f"advanceSeconds must be a number of at least 0, got {json.dumps(seconds)}")
        clock.advance(seconds)
        return {"now": f"{clock.now().isoformat(timespec='milliseconds')}Z"}
    if request.path != "/sandbox/settings" or request.method not in ("GET", "PUT", "DELETE"):
        raise BadRequest("paths are /sandbox/settings (GET, PUT, DELETE) and /sandbox/clock (POST)")
    region = request.args.get("region")
    if not region:
        raise BadRequest("the query must have a region")
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][region]
    if request.method == "PUT":
        change_settings(backend, replace(settings_of(backend), **checked(body_of(request))))
    elif request.method == "DELETE":
        change_settings(backend, Settings())
    return asdict(settings_of(backend))


def body_of(request: Request) -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def checked(body: dict[str, Any]) -> dict[str, Any]:
    types = {setting.name: str(setting.type) for setting in fields(Settings)}
    for name, value in body.items():
        if name not in types:
            raise BadRequest(f"no setting {name}: available are {', '.join(types)}")
        if not is_a(value, types[name]):
            raise BadRequest(f"{name} must be {types[name]}, got {json.dumps(value)}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}


def is_a(value: Any, name: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        "bool": isinstance(value, bool),
        "float": number,
        "int | None": value is None or (number and int(value) == value),
        "tuple[str, ...]": isinstance(value, list) and all(isinstance(each, str) for each in value),
    }[name]
