"""Base of the API doors: identity comes from the middleware, input is validated by pydantic, output is orjson."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, ClassVar, TypeVar

import pydantic
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.core.problems import from_validation

Model = TypeVar("Model", bound=pydantic.BaseModel)


class AtomView(APIView):
    """Base view: `required_scope` or `required_scopes` by method, `self.actor`, `self.parse(Model)`."""

    public: ClassVar[bool] = False
    required_scope: ClassVar[Scope | None] = None
    required_scopes: ClassVar[Mapping[str, Scope]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A public door stands outside any tenant, also for a caller who brings a token of one."""
        with tenant_context.entered(None) if self.public else nullcontext():
            return super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        """The caller; the permission check has already refused strangers."""
        actor: Actor = self.request._request.actor  # type: ignore[attr-defined]
        return actor

    def parse(self, model: type[Model]) -> Model:
        """The body as `model`; raises InvalidInput with one row per bad field."""
        return validated(model, self.request.data)

    def query(self, model: type[Model]) -> Model:
        """The query string as `model`; raises InvalidInput."""
        return validated(model, {key: value for key, value in self.request.query_params.items() if value != ""})


def validated(model: type[Model], values: Any) -> Model:
    """`values` as `model`, or InvalidInput."""
    try:
        return model.model_validate(values)
    except pydantic.ValidationError as error:
        raise from_validation(error) from None


def is_api(request: HttpRequest) -> bool:
    """Whether the path is a program's door, where errors are problem documents."""
    return request.path_info.startswith(("/api/", "/auth/", "/graphql", "/health", "/ready", "/metrics"))
