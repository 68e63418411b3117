"""Doors of the policy settings: `/api/v1/policies/settings…`."""

from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.policies.api import shapes
from apps.policies.models import PolicySettings
from apps.policies.selectors import decisions
from apps.policies.selectors import settings as reads
from apps.policies.selectors.decisions import DecisionFilter
from apps.policies.services import settings


class PageQuery(BaseModel):
    """Paging."""

    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class RestoreBody(BaseModel):
    """The version to go back to."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1)]


class DecisionQuery(BaseModel):
    """Filter and paging of the decisions."""

    period: str = "7d"
    decision: str = ""
    outcome: str = ""
    rule: Annotated[str, Field(max_length=60)] = ""
    purpose: str = ""
    actor: Annotated[str, Field(max_length=200)] = ""
    datasource_id: UUID | None = None
    query_hash: Annotated[str, Field(max_length=64)] = ""
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SettingsView(AtomView):
    """`GET, PATCH /policies/settings`."""

    required_scopes = {"GET": Scope.QUERIES_RUN, "PATCH": Scope.SETTINGS_MANAGE}

    @extend_schema(operation_id="policies_settings", responses=dict)
    def get(self, request: Request) -> Response:
        """The settings with their version (also the ETag)."""
        return _answer(reads.get_settings_for(self.actor))

    @extend_schema(operation_id="policies_settings_change", request=dict, responses=dict)
    def patch(self, request: Request) -> Response:
        """Change some: base units, or text such as `5 GB` and `90 s`. `If-Match` or `version` refuses a lost update."""
        body = request.data
        if not isinstance(body, dict) or not body:
            raise InvalidInput("Send the settings to change as an object.")
        wanted: dict[str, Any] = {str(name): value for name, value in body.items()}
        expected = _expected(request, wanted.pop("version", None))
        if {"self", "actor", "if_version", "restored_from"} & set(wanted):
            raise InvalidInput("There is no policy setting of this name.")
        return _answer(settings.change(self.actor, if_version=expected, **wanted))


class VersionsView(AtomView):
    """`GET /policies/settings/versions`."""

    required_scopes = {"GET": Scope.SETTINGS_MANAGE}

    @extend_schema(operation_id="policies_settings_versions", responses=dict)
    def get(self, request: Request) -> Response:
        """How the settings came to be, newest first."""
        asked = self.query(PageQuery)
        page = reads.list_versions_for(self.actor, cursor=asked.cursor, limit=asked.limit)
        return Response({"items": [shapes.version(row) for row in page.items], "next": page.next_cursor})


class RestoreView(AtomView):
    """`POST /policies/settings/restore`."""

    required_scopes = {"POST": Scope.SETTINGS_MANAGE}

    @extend_schema(operation_id="policies_settings_restore", request=RestoreBody, responses=dict)
    def post(self, request: Request) -> Response:
        """Make the settings what they were, as a new version."""
        body = self.parse(RestoreBody)
        return _answer(settings.restore(self.actor, body.version, if_version=_expected(request, None)))


class DecisionsView(AtomView):
    """`GET /policies/decisions`."""

    required_scopes = {"GET": Scope.AUDIT_READ}

    @extend_schema(operation_id="policies_decisions", responses=dict)
    def get(self, request: Request) -> Response:
        """What the gate decided, newest first, each with its reasons."""
        asked = self.query(DecisionQuery)
        search = DecisionFilter(
            period=asked.period, decision=asked.decision, result=asked.outcome, rule=asked.rule,
            purpose=asked.purpose, who=asked.actor, datasource_id=asked.datasource_id, query_hash=asked.query_hash,
        )  # fmt: skip
        lines, cursor = decisions.list_decisions_for(self.actor, search, cursor=asked.cursor, limit=asked.limit)
        return Response({"items": [shapes.decision(line) for line in lines], "next": cursor})


def _answer(row: PolicySettings) -> Response:
    return Response(shapes.policy(row), headers={"ETag": f'"{row.version}"'})


def _expected(request: Request, named: Any) -> int | None:
    """The version the caller has seen, from `If-Match` or the body; raises InvalidInput when it is no number."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        given = "" if named is None else str(named)
    text = given.removeprefix("W/").strip('"')
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInput("If-Match (or version) names the version of the settings you have seen.")
    return int(text)
