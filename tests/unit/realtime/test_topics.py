"""Which topics exist, who may follow them and who may speak on them."""

import pytest

from apps.core.permissions import Scope
from apps.realtime import registry
from apps.realtime.engine.topics import Pattern, is_name


@pytest.mark.parametrize("name", ["a", "workflow.018f", "naksha.telemetry", "room_1.b-2:c"])
def test_names_that_are_topics(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", ".a", "a.", "a..b", "a b", "a\n", "ä", '"', "a" * 130])
def test_names_that_are_none(name: str) -> None:
    assert not is_name(name)


def test_a_pattern_captures_one_segment() -> None:
    assert Pattern("workflow.{id}").match("workflow.7") == {"id": "7"}
    assert Pattern("workflow.{id}").match("workflow.7.steps") is None


def test_only_the_product_publishes_progress() -> None:
    matched = registry.match("workflow.018f")
    assert matched is not None
    assert (matched[0].subscribe, matched[0].publish) == (Scope.WORKFLOW_READ, None)


@pytest.mark.parametrize("topic", ["workflow", "workflow.a.b", "tenant.x", "audit", "studio.anything"])
def test_a_claimed_first_segment_is_closed_to_what_nobody_declared(topic: str) -> None:
    assert registry.match(topic) is None


def test_other_names_are_channels_of_the_tenant() -> None:
    matched = registry.match("standup")
    assert matched is not None
    assert matched[0].publish == Scope.REALTIME_PUBLISH


def test_a_pattern_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.register_topic("notifications", subscribe=Scope.REALTIME_SUBSCRIBE)
