"""`Idempotency-Key` on POST: the same key and request give the same answer, done once. Stands inside identity."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core import problems
from apps.core.api import is_api
from apps.core.errors import AtomError, Conflict, InvalidInput
from apps.gateway.models import KeptAnswer
from apps.gateway.services import answers

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_HEADER: Final = "HTTP_IDEMPOTENCY_KEY"


class IdempotencyMiddleware:
    """Keeps answers for callers that name a key; costs nothing for those that do not."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from what was kept, or work and keep."""
        if _HEADER not in request.META or request.method != "POST" or not is_api(request):
            return self.get_response(request)
        actor = getattr(request, "actor", None)
        if actor is None or actor.id is None or actor.tenant is None:
            return self.get_response(request)
        try:
            return self._once(request, request.META[_HEADER])
        except AtomError as error:
            request.problem = error  # type: ignore[attr-defined]  # for the access log
            return problems.response_of(error, request)

    def _once(self, request: HttpRequest, key: str) -> HttpResponseBase:
        if not _KEY.fullmatch(key):
            raise InvalidInput("Idempotency-Key is 1 to 200 printable characters.", code="IDEMPOTENCY_KEY_INVALID")
        request_hash = answers.fingerprint("POST", request.get_full_path(), request.body)
        claimed = answers.claim(request.actor.id, key, request_hash)  # type: ignore[attr-defined]
        if claimed.kept is not None:
            return _replay(claimed.kept)
        try:
            response = self.get_response(request)
        except BaseException:
            answers.give_back(claimed)
            raise
        _keep(claimed, response)
        return response


def _keep(claimed: answers.Claim, response: HttpResponseBase) -> None:
    if response.status_code >= 500 or response.status_code == 429 or not isinstance(response, HttpResponse):
        answers.give_back(claimed)
        return
    secret = "no-store" in response.headers.get("Cache-Control", "")
    body = None if secret or len(response.content) > answers.MAX_BODY else response.content
    answers.keep(claimed, status=response.status_code, content_type=response.headers.get("Content-Type", ""), body=body)


def _replay(kept: KeptAnswer) -> HttpResponse:
    if kept.body is None:
        raise Conflict(
            "This request was done; its answer is not kept because it holds a secret or is large.",
            code="IDEMPOTENCY_ANSWER_NOT_KEPT",
        )
    response = HttpResponse(bytes(kept.body), status=kept.status, content_type=kept.content_type)
    response["Idempotency-Replayed"] = "true"
    return response
