"""Names, grants and ranges: what is let through and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.engine import grants, paths, ranges

KEY = b"k" * 32
GRANT = grants.Grant("a" * 32, "", "files/a.txt", "GET", 1000)


@pytest.mark.parametrize("text", ["files/a.txt", "my-files/deep/er/ä b.csv", "abc/..."])
def test_names_that_are_objects(text: str) -> None:
    assert str(paths.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "files", "files/", "Files/a", "fi/a", "files//a", "files/../x", "files/a/..", "../files/a", "files/./a",
        "files/a\\b", "files/a\x00", "files/\n", "/files/a", "files/~root", "files/" + "a" * 300,
    ],
)  # fmt: skip
def test_names_that_are_none(text: str) -> None:
    with pytest.raises(paths.BadPathError):
        paths.parse(text)


def test_a_grant_comes_back_as_it_was_signed() -> None:
    assert grants.verify(grants.sign(GRANT, KEY), KEY, now=999) == GRANT


@pytest.mark.parametrize("now", [1000, 5000])
def test_an_expired_grant_is_none(now: int) -> None:
    with pytest.raises(grants.BadGrantError):
        grants.verify(grants.sign(GRANT, KEY), KEY, now=now)


def test_another_key_does_not_verify() -> None:
    with pytest.raises(grants.BadGrantError):
        grants.verify(grants.sign(GRANT, KEY), b"x" * 32, now=1)


@given(st.text(max_size=80))
def test_no_other_text_is_a_grant(text: str) -> None:
    with pytest.raises(grants.BadGrantError):
        grants.verify(text, KEY, now=1)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_token_is_none(place: int, change: int) -> None:
    token = grants.sign(GRANT, KEY)
    place %= len(token)
    changed = token[:place] + chr((ord(token[place]) + change) % 256) + token[place + 1 :]
    with pytest.raises(grants.BadGrantError):
        grants.verify(changed, KEY, now=1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-4", (0, 4)),
        ("bytes=5-", (5, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-30", (0, 9)),
        ("bytes=2-99", (2, 9)),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
    ],
)
def test_ranges_of_ten_bytes(header: str, expected: tuple[int, int] | None) -> None:
    assert ranges.parse(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(ranges.UnsatisfiableError):
        ranges.parse(header, 10)
