"""Django configuration of the agent app."""

from django.apps import AppConfig


class AgentConfig(AppConfig):
    """Planner to composer; LLM providers; SQL suggestion."""

    name = "apps.agent"
    label = "agent"
