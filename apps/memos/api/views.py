"""Program doors of memos."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import paging
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.memos.engine import render, wow
from apps.memos.models import Memo
from apps.memos.selectors import memos
from apps.memos.services import rechecking, requests
from apps.workflows.contracts import Run
from apps.workflows.services import runs

TAG = ["Memos"]
MAX_NUMBER = 2**31 - 1


class GenerateBody(BaseModel):
    """Which memo to write."""

    model_config = ConfigDict(extra="forbid")

    datasource_id: UUID
    week: str = Field("", max_length=10)
    tz: str = Field("", max_length=64)
    workflow_id: UUID | None = None


class ListQuery(BaseModel):
    """Filters of the list."""

    datasource_id: UUID | None = None
    q: str = Field("", max_length=200)
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=paging.MAX_LIMIT)


class VersionQuery(BaseModel):
    """Which version; the current one by default."""

    version: int | None = Field(None, ge=1, le=MAX_NUMBER)


class WowQuery(BaseModel):
    """Which memo to compare with; by default that of the week before."""

    model_config = ConfigDict(populate_by_name=True)

    other: UUID | None = Field(None, alias="with")


class RecheckBody(BaseModel):
    """Which figure to compute again: its path in the packet."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1, max_length=200, pattern=r"^[a-z0-9_.]+$")
    version: int | None = Field(None, ge=1, le=MAX_NUMBER)


class Generate(AtomView):
    """`POST /memos/generate`."""

    required_scope = Scope.MEMO_GENERATE

    @extend_schema(tags=TAG, request=OpenApiTypes.OBJECT, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Start writing the memo of a week."""
        body = self.parse(GenerateBody)
        if body.workflow_id is not None:
            return Response(run_json(runs.resume(body.workflow_id, actor=self.actor)), status=202)
        run = requests.start(self.actor, body.datasource_id, week=body.week, tz=body.tz)
        return Response(run_json(run), status=202)


class MemoList(AtomView):
    """`GET /memos`."""

    required_scope = Scope.MEMO_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Memos, the latest week first."""
        wish = self.query(ListQuery)
        rows = memos.list_for(self.actor, datasource_id=wish.datasource_id, text=wish.q)
        page = paging.paginate(rows, order=("-generated_at", "-id"), cursor=wish.cursor, limit=wish.limit)
        return Response(paging.as_json(page, memo_json))


class MemoDetail(AtomView):
    """`GET /memos/{id}`."""

    required_scope = Scope.MEMO_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, memo_id: UUID) -> Response:
        """One memo: the text with slots, and the same text rendered."""
        memo = memos.get_for(self.actor, memo_id)
        content = memos.content_of(self.actor, memo, self.query(VersionQuery).version)
        rendered = render.as_text(content["document"], content["packet"])
        kept = {key: content[key] for key in ("document", "writer", "validation")}
        return Response({**memo_json(memo), **kept, "rendered": rendered})


class MemoPacket(AtomView):
    """`GET /memos/{id}/packet`."""

    required_scope = Scope.MEMO_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, memo_id: UUID) -> Response:
        """The packet behind a memo, and its hash."""
        memo = memos.get_for(self.actor, memo_id)
        content = memos.content_of(self.actor, memo, self.query(VersionQuery).version)
        return Response({"sha256": content["packet_sha256"], "packet": content["packet"]})


class MemoWow(AtomView):
    """`GET /memos/{id}/wow`."""

    required_scope = Scope.MEMO_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, memo_id: UUID) -> Response:
        """Packet against packet: this week's figures and those of the memo before (or of `with`)."""
        memo = memos.get_for(self.actor, memo_id)
        asked = self.query(WowQuery).other
        other = memos.get_for(self.actor, asked) if asked else memos.week_before(memo)
        packet = memos.content_of(self.actor, memo)["packet"]
        earlier = memos.content_of(self.actor, other)["packet"] if other else None
        return Response(
            {
                "current": {"memo_id": memo.id, "sha256": memo.packet_sha256, "window": packet["window"]["current"]},
                "previous": {
                    "memo_id": other.id if other else None,
                    "sha256": other.packet_sha256 if other else memo.packet_sha256,
                    "window": earlier["window"]["current"] if earlier else packet["window"]["previous"],
                },
                "rows": wow.table(packet, earlier),
            }
        )


class MemoRecheck(AtomView):
    """`POST /memos/{id}/recheck`."""

    required_scope = Scope.MEMO_READ

    @extend_schema(tags=TAG, request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, memo_id: UUID) -> Response:
        """Compute one figure again and say whether it still holds."""
        body = self.parse(RecheckBody)
        found = rechecking.check(self.actor, memo_id, body.path, version=body.version)
        return Response(
            {
                "path": found.path,
                "holds": found.result.holds,
                "then": found.result.then,
                "now": found.result.now,
                "sql": found.reply.sql,
                "query_hash": found.reply.query_hash,
                "bytes_billed": found.reply.bytes_billed,
                "duration_ms": found.reply.duration_ms,
                "cache_hit": found.reply.cache_hit,
                "simulated": found.reply.simulated,
            }
        )


def run_json(run: Run) -> dict[str, Any]:
    """A run that was started or joined."""
    return {"workflow_id": run.id, "status": run.status, "queue_position": run.queue_position, "joined": run.joined}


def memo_json(row: Memo) -> dict[str, Any]:
    """A memo without its text."""
    names = "id datasource_id title headline tz significance artifact_id version packet_sha256 validation_status"
    head = {name: getattr(row, name) for name in names.split()}
    return {
        **head,
        "from": row.first_day,
        "to": row.last_day,
        "warnings": row.warnings,
        "generated_at": row.generated_at,
    }
