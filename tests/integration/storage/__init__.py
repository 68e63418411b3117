"""Tests of the storage app."""
