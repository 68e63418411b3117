"""Which failure an exception means."""

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from pydantic import BaseModel, ValidationError

from apps.core import errors
from apps.workflows.enums import FailureCode
from apps.workflows.errors import StepFailure
from apps.workflows.services.failures import classify


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StepFailure(FailureCode.MALFORMED_RESPONSE, "x"), FailureCode.MALFORMED_RESPONSE),
        (SoftTimeLimitExceeded(), FailureCode.TIMEOUT),
        (errors.QueryTimeout(), FailureCode.TIMEOUT),
        (TimeoutError(), FailureCode.TIMEOUT),
        (errors.Upstream(), FailureCode.TRANSIENT_ERROR),
        (errors.Unavailable(), FailureCode.TRANSIENT_ERROR),
        (OperationalError("server closed the connection"), FailureCode.TRANSIENT_ERROR),
        (ConnectionResetError(), FailureCode.TRANSIENT_ERROR),
        (errors.Forbidden(), FailureCode.PERMISSION_DENIED),
        (errors.NeedsApproval(), FailureCode.NEEDS_APPROVAL),
        (errors.PolicyViolation(), FailureCode.POLICY_BLOCKED),
        (errors.LimitReached(code="BUDGET_EXCEEDED"), FailureCode.QUOTA_EXCEEDED),
        (errors.LimitReached(), FailureCode.TRANSIENT_ERROR),
        (errors.InvalidInput(), FailureCode.VALIDATION_FAILED),
        (errors.NotFound(), FailureCode.VALIDATION_FAILED),
        (errors.Upstream(code="QUOTA_EXCEEDED"), FailureCode.QUOTA_EXCEEDED),
        (KeyError("anything"), FailureCode.INTERNAL_ERROR),
    ],
)
def test_an_exception_means_one_failure(error: Exception, code: FailureCode) -> None:
    assert classify(error).code is code


def test_the_message_of_a_foreign_exception_is_not_kept() -> None:
    assert "hunter2" not in classify(ValueError("password hunter2")).message


def test_our_own_sentence_and_facts_are_kept() -> None:
    failure = classify(errors.PolicyViolation("No partition filter.", next_steps=["Add one."], extra={"rule": "R7"}))
    assert (failure.message, failure.extra) == ("No partition filter.", {"rule": "R7"})
    assert failure.to_json()["next_steps"] == [{"label": "Add one.", "href": ""}]


def test_a_validation_failure_names_places_and_no_values() -> None:
    class Strict(BaseModel):
        amount: int

    with pytest.raises(ValidationError) as caught:
        Strict.model_validate({"amount": "hunter2"})
    assert classify(caught.value).message == "Strict does not hold: amount."
