"""The sample project's examples are what their script makes, with the faults it plants."""

from __future__ import annotations

import hashlib
import json
import sysconfig
from pathlib import Path

import pytest

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Kind
from core.data.scan import scan
from resources.sample import make_examples


def recorded_modules() -> dict[str, str]:
    record = json.loads(make_examples.SOURCES.read_text(encoding="utf-8"))
    return dict(record["modules"])


def library_is_the_recorded_one(root: Path) -> bool:
    return all(
        (root / name).is_file() and hashlib.sha256((root / name).read_bytes()).hexdigest() == known
        for name, known in recorded_modules().items()
    )


def test_the_committed_file_is_what_the_script_makes() -> None:
    root = Path(sysconfig.get_path("stdlib"))
    if not library_is_the_recorded_one(root):
        pytest.skip("this Python's standard library is another one than the recorded one")
    content, hashes = make_examples.make(root)
    assert content == make_examples.EXAMPLES.read_bytes()
    assert hashes == recorded_modules()


def test_every_planted_fault_is_found_and_none_invented(tmp_path: Path) -> None:
    summary = scan([make_examples.EXAMPLES], ScanOptions(), tmp_path)
    assert summary.rows == 393
    assert summary.findings == {
        Kind.EXACT_DUPLICATE: make_examples.COPIES,
        Kind.NEAR_DUPLICATE: make_examples.NEAR_COPIES,
        Kind.WHITESPACE: 15,  # eight planted, and copies that differ by white space
        Kind.BROKEN_TEXT: make_examples.MOJIBAKE
        + make_examples.BAD_BYTES
        + make_examples.LOST_LETTERS,
        Kind.HTML: make_examples.HTML,
        Kind.MIXED_FORMAT: make_examples.JSON_ANSWERS + make_examples.PLAIN_LINES,
        Kind.EMPTY: make_examples.EMPTY,
        Kind.TOO_LONG: make_examples.OVER_LONG,
        Kind.OUTLIER: make_examples.OVER_LONG,
        Kind.MALFORMED_ROW: make_examples.PLAIN_LINES,
    }


def test_default_cleaning_leaves_short_examples_in_the_house_format(tmp_path: Path) -> None:
    scan([make_examples.EXAMPLES], ScanOptions(), tmp_path)
    with Draft(tmp_path) as draft:
        kept = draft.plan(Choices()).kept
        lengths = draft.facts["characters"][kept]
    assert 330 <= len(kept) <= 350
    assert lengths.mean() < 520
    assert (lengths < 1100).all()


def test_the_question_does_not_give_the_format_away() -> None:
    assert "`" not in make_examples.INSTRUCTION
    assert ":" not in make_examples.INSTRUCTION


def test_a_docstring_that_is_no_plain_sentence_is_not_used() -> None:
    assert make_examples.first_sentence("Return the size of the window.") != ""
    assert make_examples.first_sentence("usage: f(x) -> y") == ""
    assert make_examples.first_sentence("Return <b>bold</b> text of the window.") == ""
