"""Planner to composer; LLM providers; SQL suggestion."""
