"""Alerts, policy, routing, notifications."""
