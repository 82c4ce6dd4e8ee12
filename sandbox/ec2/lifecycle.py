"""Data Lifecycle Manager's API for policies and their tags, which moto lacks. backups.py runs them.

Sources, read on 2026-11-27:
- https://docs.aws.amazon.com/dlm/latest/APIReference/API_Operations.html: requests, answers and errors
- API_PolicyDetails.html and API_CreateRule.html there: defaults
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from account import clock, lock, region_of
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from werkzeug.wrappers import Request, Response

CHANGEABLE = {
    "Description": r"[0-9A-Za-z _-]{1,500}",
    "ExecutionRoleArn": r"arn:aws(-[a-z]{1,3}){0,2}:iam::\d+:role/.*",
    "State": r"ENABLED|DISABLED",
}
"""Required properties of a policy, which can be changed."""


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def is_lifecycle_request(environ: dict[str, Any]) -> bool:
    """By the service in the signature: other services could have the same paths."""
    return "/dlm/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")


@Request.application
def application(request: Request) -> Response:
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", request.headers["Authorization"])
    assert scope, request.headers["Authorization"]
    try:
        with lock:
            answer = Lifecycle(scope[1]).answer(request)
    except Refusal as refusal:
        body = json.dumps({"Code": refusal.code, "Message": str(refusal)})
        headers = {"x-amzn-ErrorType": refusal.code}
        return Response(body, refusal.status, headers, mimetype="application/json")
    return Response(json.dumps(answer), mimetype="application/json")


class Lifecycle:
    """The policies of one region."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.policies = region_of(ec2_backends[DEFAULT_ACCOUNT_ID][region]).lifecycle_policies

    def answer(self, request: Request) -> dict[str, Any]:
        _, collection, name = (*request.path.split("/", 2), "")[:3]
        # An empty body isn't JSON.
        body = json.loads(request.get_data() or "{}")
        match request.method, collection, name != "":
            case "POST", "policies", False:
                return {"PolicyId": self.create(body)}
            case "GET", "policies", False:
                return {"Policies": [summary(policy) for policy in self.policies.values()]}
            case "GET", "policies", True:
                return {"Policy": self.find(name)}
            case "PATCH", "policies", True:
                self.update(self.find(name), body)
                return {}
            case "DELETE", "policies", True:
                del self.policies[self.find(name)["PolicyId"]]
                return {}
            case method, "tags", True:
                return self.tags(method, self.find(name.rsplit("/", 1)[-1])["Tags"], request, body)
        raise Refusal(404, "UnknownOperationException", f"no {request.method} of {request.path}")

    def find(self, policy: str) -> dict[str, Any]:
        if policy not in self.policies:
            raise Refusal(404, "ResourceNotFoundException", f"Policy with id {policy} does not exist.")
        return self.policies[policy]

    def create(self, body: dict[str, Any]) -> str:
        missing = [name for name in (*CHANGEABLE, "PolicyDetails") if not body.get(name)]
        if missing:
            raise Refusal(400, "InvalidRequestException", f"missing parameters: {', '.join(missing)}")
        policy = f"policy-{secrets.token_hex(9)[:17]}"
        arn = f"arn:aws:dlm:{self.region}:{DEFAULT_ACCOUNT_ID}:policy/{policy}"
        made = {"PolicyId": policy, "PolicyArn": arn, "DateCreated": now(), "DefaultPolicy": False}
        self.update(made, body)
        self.policies[policy] = {**made, "Tags": body.get("Tags") or {}}
        return policy

    def update(self, policy: dict[str, Any], body: dict[str, Any]) -> None:
        changes = {name: body[name] for name in CHANGEABLE if body.get(name)}
        for name, value in changes.items():
            if not re.fullmatch(CHANGEABLE[name], value):
                raise Refusal(400, "InvalidRequestException", f"{name} must match {CHANGEABLE[name]}")
        policy.update(changes, DateModified=now())
        if "State" in changes:
            policy.pop("StatusMessage", None)
        if body.get("PolicyDetails"):
            policy["PolicyDetails"] = with_defaults(body["PolicyDetails"])

    def tags(
        self, method: str, tags: dict[str, str], request: Request, body: dict[str, Any]
    ) -> dict[str, Any]:
        if method == "POST":
            tags.update(body["Tags"])
        elif method == "DELETE":
            for key in request.args.getlist("tagKeys"):
                tags.pop(key, None)
        return {"Tags": tags} if method == "GET" else {}


def with_defaults(details: dict[str, Any]) -> dict[str, Any]:
    schedules = [
        {**schedule, "CreateRule": {"Location": "CLOUD", **schedule.get("CreateRule", {})}}
        for schedule in details.get("Schedules", [])
    ]
    return {
        "PolicyType": "EBS_SNAPSHOT_MANAGEMENT",
        "PolicyLanguage": "STANDARD",
        "ResourceLocations": ["CLOUD"],
        **details,
        "Schedules": schedules,
    }


def summary(policy: dict[str, Any]) -> dict[str, Any]:
    names = ("PolicyId", "Description", "State", "Tags", "DefaultPolicy")
    kind = policy["PolicyDetails"]["PolicyType"]
    return {"PolicyType": kind, **{name: policy[name] for name in names}}


def now() -> str:
    return f"{clock.now().isoformat(timespec='milliseconds')}Z"
