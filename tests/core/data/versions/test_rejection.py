"""Examples of a version are found again in the draft, or it is said why not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.example import Example, Message, Source
from core.data.jobs import run_prepare, run_scan
from core.data.mixture import GENERAL_FILE
from core.data.spec import PrepareParams, ScanParams
from core.data.versions.rejection import rows_of_examples
from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.project import Project
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl

PAIRS = clean_pairs(60, seed=5)


def accept(folder: Path, source: Path, choices: Choices | None = None) -> DatasetVersion:
    """Read ``source`` into the project ``folder/project`` and accept what is left of it."""
    project = Project.open_or_create(folder / "project")
    run = project.new_run("scan")
    with JobLink(run) as link:
        run_scan(run, ScanParams(paths=[str(source)]), link)
        report = run_prepare(run, PrepareParams(choices=choices or Choices()), link)
    return DatasetVersion.load(project.versions / report.content_hash)


def test_the_rows_are_found_and_left_out(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "ü.jsonl", instruction_rows(PAIRS))
    version = accept(tmp_path, source)
    unwanted = [e for e in version.examples("train") if e.source.line in (4, 9, 31, 50)]
    rows = rows_of_examples(tmp_path / "project" / "data" / "draft", version.folder, unwanted)
    assert rows == [example.source.line - 1 for example in unwanted]
    assert rows
    later = accept(tmp_path, source, Choices().without_rows(rows))
    left = {example.source.line for example in later.examples()}
    assert left == set(range(1, 61)) - {row + 1 for row in rows}


def test_a_file_inside_an_archive_is_the_archives(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", instruction_rows(PAIRS))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(source, "a.jsonl")
        archive.write(source, "b/a.jsonl")
    version = accept(tmp_path, tmp_path / "all.zip")
    (first, *_) = version.examples("train")
    (row,) = rows_of_examples(tmp_path / "project" / "data" / "draft", version.folder, [first])
    assert row == first.source.line - 1


def test_another_reading_of_the_file_is_told(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", instruction_rows(PAIRS))
    version = accept(tmp_path, source)
    unwanted = list(version.examples("train"))[:2]
    write_jsonl(source, instruction_rows(PAIRS[1:]))
    accept(tmp_path, source)
    with pytest.raises(UserFacingError) as end:
        rows_of_examples(tmp_path / "project" / "data" / "draft", version.folder, unwanted)
    assert end.value.code == "data.read_again"
    assert "a.jsonl" in end.value.what


def test_what_was_mixed_in_has_no_row(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", instruction_rows(PAIRS))
    version = accept(tmp_path, source)
    general = Example((Message("user", "Q"), Message("assistant", "A")), Source(GENERAL_FILE, 3))
    with pytest.raises(UserFacingError) as end:
        rows_of_examples(tmp_path / "project" / "data" / "draft", version.folder, [general])
    assert end.value.code == "data.not_from_files"
    (own, *_) = version.examples("train")
    both = rows_of_examples(tmp_path / "project" / "data" / "draft", version.folder, [general, own])
    assert both == [own.source.line - 1]


def test_without_a_draft_files_are_asked_for(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", instruction_rows(PAIRS))
    version = accept(tmp_path, source)
    with pytest.raises(UserFacingError) as end:
        rows_of_examples(tmp_path / "nothing", version.folder, list(version.examples("train"))[:1])
    assert end.value.code == "draft.missing"
