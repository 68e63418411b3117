"""The Celery application: queues, routing, the tenant-carrying task base, and the beat with its one tick."""

from celery_app.app import app

__all__ = ["app"]
