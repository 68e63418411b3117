"""Door of recognition: `POST /pii/classify`. What comes in does not come out again, nor into a log or an error."""

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.policies.engine.pii.verdict import PiiVerdict
from apps.policies.services import classifying
from apps.policies.services.classifying import Classified


class ColumnBody(BaseModel):
    """A column and values of it: text, numbers, dates as text, true and false, null, nested lists and objects."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=300)]
    samples: Annotated[list[Any], Field(max_length=1_000)]


class ClassifyBody(BaseModel):
    """At most 200 columns of at most 1 000 values; of a long value the first 2 000 characters count."""

    model_config = ConfigDict(extra="forbid")

    columns: Annotated[list[ColumnBody], Field(min_length=1, max_length=200)]


class ClassifyView(AtomView):
    """`POST /pii/classify`."""

    required_scope = Scope.PII_REVIEW
    unread_fields = frozenset({"samples"})

    @extend_schema(operation_id="pii_classify", tags=["pii"], request=ClassifyBody, responses=dict)
    def post(self, request: Request) -> Response:
        """Class, tier and counts of evidence for each column; never a value."""
        body = self.parse(ClassifyBody)
        found = classifying.classify(self.actor, [(column.name, column.samples) for column in body.columns])
        return Response({"columns": [_column(each) for each in found]})


def _column(found: Classified) -> dict[str, Any]:
    fields = [{"path": path, **_shown(verdict)} for path, verdict in found.fields.items()]
    return {"name": found.name, **_shown(found.verdict), "fields": fields}


def _shown(verdict: PiiVerdict) -> dict[str, Any]:
    return {
        "type": verdict.kind.value if verdict.kind else None,
        "tier": verdict.tier.value,
        "basis": verdict.basis,
        "reason": verdict.reason,
        "evidence": {
            "hits": verdict.hits,
            "distinct": verdict.distinct,
            "rate": verdict.rate,
            "chance": verdict.chance,
        },
        "recogniser_version": verdict.version,
    }
