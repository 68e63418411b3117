"""What the steps of GenerateMemo hand on, stored with the run. No Django here."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from apps.memos.engine.document import MemoDocument
from apps.memos.enums import ValidationStatus


class GenerateInput(BaseModel):
    """Which memo: the latest complete week of the data unless `week` names another.

    `week` is an ISO week (`2026-W46`) or the last day of any seven (`2026-11-15`).
    """

    datasource_id: UUID
    week: str = ""
    tz: str = "UTC"

    @field_validator("week")
    @classmethod
    def _readable(cls, value: str) -> str:
        week_end(value)
        return value


class Reach(BaseModel):
    """Which days one table covers."""

    table_id: UUID
    first: date | None
    last: date | None
    complete: date | None


class Survey(BaseModel):
    """The week to report and what each table covers."""

    last_day: date
    today: date
    tz: str
    tables: list[dict[str, Any]]
    reach: list[Reach]


class PacketMade(BaseModel):
    """The packet, its hash, and what asking for it cost."""

    packet: dict[str, Any]
    sha256: str
    estimated_bytes: int
    query_hashes: list[str]
    simulated: bool


class Attempt(BaseModel):
    """One text and the checks it failed."""

    number: int
    writer: str
    document: dict[str, Any]
    findings: list[dict[str, str]] = Field(default_factory=list)
    accepted: bool


class Written(BaseModel):
    """The text to show, how it came through the checks, and every attempt."""

    document: MemoDocument
    status: ValidationStatus
    warnings: list[dict[str, str]]
    attempts: list[Attempt]


class StoredMemo(BaseModel):
    """The memo as stored."""

    memo_id: UUID
    version: int
    is_new_version: bool
    packet_sha256: str
    status: ValidationStatus


def week_end(text: str) -> date | None:
    """The last day of the week that `text` names, None for no text; ValueError when it names none."""
    if not text:
        return None
    if match := re.fullmatch(r"(\d{4})-?W(\d{2})", text):
        return date.fromisocalendar(int(match.group(1)), int(match.group(2)), 7)
    found = date.fromisoformat(text)
    if not date(1970, 1, 1) <= found <= date(2999, 12, 31) - timedelta(days=1):
        raise ValueError("the week is out of range")
    return found
