"""Tests of the realtime app."""
