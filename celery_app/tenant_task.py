"""The task base: the tenant and the request id travel in headers, and the worker enters them around the task.

A task without a tenant is refused unless it is marked `platform=True`.
"""

from contextlib import ExitStack
from typing import Any, ClassVar
from uuid import UUID

import structlog
from celery import Task
from celery.exceptions import Ignore
from django.db import close_old_connections

from apps.core import tenant as tenant_context
from apps.core.errors import NoTenant, NotFound
from apps.core.tenant import TenantRef

TENANT_HEADER = "atom_tenant"
REQUEST_HEADER = "atom_request_id"
log = structlog.get_logger(__name__)


class TenantTask(Task):  # type: ignore[misc]
    """Base of all tasks. Mark the few that work outside any tenant with `platform=True`."""

    abstract = True
    platform: ClassVar[bool] = False

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Enqueue in the current tenant, or in the one named by an explicit header."""
        options["headers"] = outgoing_headers(self.name, platform=self.platform, given=options.get("headers"))
        return super().apply_async(args, kwargs, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run inside the tenant of the message; connections go back to the pool whatever happens."""
        if not self.request.id:  # called as a plain function: the caller's context holds
            return super().__call__(*args, **kwargs)
        close_old_connections()
        try:
            with ExitStack() as stack:
                tenant = None if self.platform else _tenant_of(self)
                stack.enter_context(structlog.contextvars.bound_contextvars(**_log_fields(self, tenant)))
                stack.enter_context(tenant_context.entered(tenant))
                return super().__call__(*args, **kwargs)
        finally:
            close_old_connections()


def outgoing_headers(task: str, *, platform: bool, given: dict[str, Any] | None) -> dict[str, Any]:
    """Headers of a message; raises NoTenant when a tenant task is enqueued outside any tenant."""
    headers = dict(given or {})
    current = tenant_context.current()
    if current is not None and not platform:
        headers.setdefault(TENANT_HEADER, str(current.id))
    if not platform and TENANT_HEADER not in headers:
        raise NoTenant(f"Task {task} was enqueued with no tenant entered.")
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers.setdefault(REQUEST_HEADER, str(request_id))
    return headers


def header_of(task: Task, name: str) -> str:
    """A header of the message being worked on, or an empty string."""
    headers = task.request.headers or {}
    return str(headers.get(name) or getattr(task.request, name, None) or "")


def _tenant_of(task: Task) -> TenantRef:
    # Models exist only after Django's set-up, and this module is imported by the application before it.
    from apps.tenancy.selectors import tenants  # noqa: PLC0415 - see above

    tenant_id = header_of(task, TENANT_HEADER)
    if not tenant_id:
        raise NoTenant(f"Task {task.name} came without a tenant.")
    try:
        return tenants.by_id(UUID(tenant_id))
    except NotFound:  # suspended or removed since: its wake-ups wait in the database, the message is worth nothing
        log.info("task.dropped", task=task.name, tenant_id=tenant_id)
        raise Ignore from None


def _log_fields(task: Task, tenant: TenantRef | None) -> dict[str, str]:
    fields = {"task": task.name, "task_id": str(task.request.id)}
    request_id = header_of(task, REQUEST_HEADER)
    if request_id:
        fields["request_id"] = request_id
    if tenant is not None:
        fields["tenant"] = tenant.slug
    return fields
