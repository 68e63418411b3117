"""How routes become OpenAPI: one address each, stable operation ids, bearer tokens, and the one shape of errors."""

import re
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes

from apps.core import codes

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_ALIASES: Final = re.compile(
    r"/api/(?!v1/)|/api/v1/auth/(?:login(?:/second-factor)?|refresh|logout|jwks)$|/api/v1/(?:schema|docs)"
)
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "class", "detail", "request_id", "retryable", "next_steps"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {
            "type": "string",
            "description": "Stable; programs decide by it.\n\n" + codes.as_markdown(),
            "examples": sorted(codes.CATALOGUE),
        },
        "class": {"type": "string", "enum": [kind.value for kind in codes.CodeClass]},
        "detail": {"type": "string", "description": "A sentence fit to show."},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
        "next_steps": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["label"],
                "properties": {"label": {"type": "string"}, "href": {"type": "string"}},
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token of `POST /auth/login`."""

    target_class = "apps.core.rest.ActorAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class Schema(AutoSchema):
    """Names operations after method and address, and says “an object” where a view declares nothing."""

    def get_operation_id(self) -> str:
        """`post_data_query`, `get_workflows_runs_by_workflow_id`: unique because method and address are."""
        path = _PARAMETER.sub(r"by_\1", self.path.removeprefix("/api/v1").strip("/"))
        return f"{self.method.lower()}_{re.sub(r'[^A-Za-z0-9]+', '_', path)}"

    def get_tags(self) -> list[str]:
        """The first part of the address."""
        return [self.path.removeprefix("/api/v1").strip("/").split("/")[0]]

    def get_request_serializer(self) -> Any:
        """What `extend_schema` did not declare is an object."""
        return OpenApiTypes.OBJECT

    def get_response_serializers(self) -> Any:
        """What `extend_schema` did not declare is an object."""
        return {200: OpenApiTypes.OBJECT}


def one_address_each(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Leave out the aliases: `/api/…` of `/api/v1/…`, the second address of the login, the document itself."""
    return [endpoint for endpoint in endpoints if not _ALIASES.match(endpoint[0])]


def errors_in_one_shape(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer a problem document."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    problem = {
        "description": "A problem, told in one shape.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("default", problem)
    return result
