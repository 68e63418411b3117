"""The memo's text as strict JSON: sentences with slots (`{{kpi.revenue.delta_pct}}`) where figures and names belong.

Whoever writes it (the embedded writer, a model) fills this shape; `engine.validator` decides whether it may be shown.
"""

from pydantic import BaseModel, ConfigDict, Field

from apps.memos.enums import EvidenceType, Significance


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=1_000)


class KeyChange(_Strict):
    """One metric's change; `metric` is its key in the packet, the figures are slots."""

    metric: str
    current: str
    previous: str
    delta_abs: str
    delta_pct: str
    significance: Significance


class LikelyCause(_Strict):
    """A stated cause and what it rests on; `packet_ref` is the path in the packet that shows it."""

    text: str
    evidence_type: EvidenceType
    evidence: str = ""
    packet_ref: str = ""


class DataQualityLine(_Strict):
    """A note worded; `packet_ref` names it (`data_quality.0`)."""

    text: str
    packet_ref: str


class MemoDocument(_Strict):
    """The whole memo, in reading order."""

    headline: tuple[str, ...] = Field(max_length=12)
    key_changes: tuple[KeyChange, ...] = Field(max_length=40)
    likely_causes: tuple[LikelyCause, ...] = Field(max_length=20)
    actions: tuple[str, ...] = Field(max_length=20)
    data_quality: tuple[DataQualityLine, ...] = Field(max_length=60)
