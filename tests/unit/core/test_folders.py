"""Folders that others write to while they are looked at."""

import shutil
from pathlib import Path

import pytest

from apps.core import folders


def test_files_are_found_at_any_depth_with_their_facts(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"1")
    (tmp_path / "a" / "b" / "three").write_bytes(b"333")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "one")
    found = {path.name: facts.st_size for path, facts in folders.files_below(tmp_path)}
    assert found == {"one": 1, "three": 3}


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", {"a/b/c", "a/bc", "ab", "d/e"}),
        ("a", {"a/b/c", "a/bc", "ab"}),
        ("a/", {"a/b/c", "a/bc"}),
        ("a/b", {"a/b/c", "a/bc"}),
        ("a/b/", {"a/b/c"}),
        ("a/b/c", {"a/b/c"}),
        ("../", set()),
        ("./a", set()),
        ("/", set()),
        ("x", set()),
    ],
)
def test_a_prefix_is_of_the_path_from_the_folder(tmp_path: Path, prefix: str, found: set[str]) -> None:
    for name in ("a/b/c", "a/bc", "ab", "d/e"):
        (tmp_path / "top" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "top" / name).touch()
    (tmp_path / "other").touch()
    top = tmp_path / "top"
    assert {path.relative_to(top).as_posix() for path, _ in folders.files_below(top, prefix)} == found


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert list(folders.files_below(tmp_path / "none")) == []


def test_what_goes_away_meanwhile_is_left_out(tmp_path: Path) -> None:
    for name in ("a/1", "a/2", "b/1", "c/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    looking = folders.files_below(tmp_path)
    first, _ = next(looking)
    for other in tmp_path.iterdir():
        shutil.rmtree(other)
    assert [path for path, _ in looking] == []
    assert not first.exists()


def test_folders_are_listed_without_files_and_without_what_goes_away(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    looking = folders.folders_in(tmp_path)
    first, changed = next(looking)
    assert changed == first.stat().st_mtime
    for other in ("a", "b"):
        (tmp_path / other).rmdir()
    assert list(looking) == []
