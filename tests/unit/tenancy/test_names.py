"""What the slug and the name of a workspace may be."""

import pytest

from apps.tenancy.engine import names


@pytest.mark.parametrize("slug", ["a", "acme", "acme-2", "0", "a-b-c", "a" * 40])
def test_a_good_slug_has_no_problem(slug: str) -> None:
    assert names.slug_problem(slug) == ""


@pytest.mark.parametrize(
    ("slug", "word"),
    [
        ("", "at least one"),
        ("a" * 200, "at most 40"),
        ("日本", "a–z"),
        ("\u0430cme", "cyrillic small letter a"),
        ("acm\u0435", "cyrillic small letter ie"),
        ("m\u00fcller", "latin small letter u with diaeresis"),
        ("Acme", "“acme”"),
        ("-acme", "neither starts"),
        ("acme-", "neither starts"),
        ("a b", "made of"),
        ("a/b", "made of"),
        ("a\nb", "made of"),
        ("xn--mller-kva", "third place"),
        ("admin", "reserved"),
        ("api", "reserved"),
        ("0192f0c0-0000-7000-8000-000000000000", "reserved"),
        ("0192f0c0000070008000000000000000", "reserved"),
    ],
)
def test_a_bad_slug_gets_a_sentence_that_says_what_to_do(slug: str, word: str) -> None:
    assert word in names.slug_problem(slug)


@pytest.mark.parametrize("name", ["Acme", "Müller & Söhne", "株式会社アトム", "مصنع", "Ω 3"])
def test_a_name_may_be_of_any_script(name: str) -> None:
    assert names.name_problem(names.clean_name(name)) == ""


@pytest.mark.parametrize("name", ["", " \n ", "x" * 121, "a\u202eb", "a\x00b", "zero\u200bwidth"])
def test_a_name_that_deceives_or_is_none_is_refused(name: str) -> None:
    assert names.name_problem(names.clean_name(name)) != ""


def test_a_name_is_kept_composed_and_trimmed() -> None:
    assert names.clean_name("  Mu\u0308ller   AG ") == "Müller AG"
