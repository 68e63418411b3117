"""Writes of the workflow engine. The database is the truth; Celery is only told where to look."""
