"""Signed addresses: whoever has one may use it as it says. Files stream in blocks, ranges are served."""

import mimetypes
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header, http_date
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from apps.core import tenant as tenant_context
from apps.storage.connectors.disk import BLOCK
from apps.storage.engine import ranges
from apps.storage.engine.grants import Grant
from apps.storage.selectors import objects as reads
from apps.storage.services import objects as writes
from apps.tenancy.selectors import tenants

_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "application/pdf"})


@method_decorator(csrf_exempt, name="dispatch")  # the signature is the proof; no cookie is looked at
class SignedView(View):
    """GET, HEAD and PUT of one object."""

    public = True
    max_body_bytes = None  # the bucket's own limit holds, counted while reading
    http_method_names = ["get", "head", "put"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """The object, or the range asked for."""
        grant = writes.opened(token, request.method or "")
        file, facts = reads.open_object(UUID(grant.tenant), reads.path_of(grant.path))
        try:
            wanted = ranges.parse(request.headers.get("Range", ""), facts.size)
        except ranges.UnsatisfiableError:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{facts.size}"})
        response: FileResponse | StreamingHttpResponse
        if wanted is None:
            response = FileResponse(file)
            response["Content-Length"] = str(facts.size)
        else:
            first, last = wanted
            response = StreamingHttpResponse(_part(file, first, last), status=206)
            response["Content-Range"] = f"bytes {first}-{last}/{facts.size}"
            response["Content-Length"] = str(last - first + 1)
        response["Last-Modified"] = http_date(facts.modified_at.timestamp())
        return _guarded(response, grant)

    def put(self, request: HttpRequest, token: str) -> HttpResponse:
        """Store the body."""
        grant = writes.opened(token, "PUT")
        ref = tenants.by_id(UUID(grant.tenant))
        with tenant_context.entered(ref):
            content_type = request.content_type or ""
            size, digest = writes.receive(grant, ref, cast("BinaryIO", request), content_type=content_type)
        return JsonResponse({"path": grant.path, "size": size, "sha256": digest}, status=201)


def _part(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _guarded(response: Any, grant: Grant) -> HttpResponseBase:
    """What a person uploaded is never run as a page of ours."""
    name = grant.path.rsplit("/", 1)[-1]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response["Content-Type"] = kind if kind in _SHOWN else "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(kind not in _SHOWN, name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return cast("HttpResponseBase", response)
