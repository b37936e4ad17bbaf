from __future__ import annotations

from pathlib import Path

import pytest

from core.actions.pasted import save_pasted, write_template
from core.errors import UserFacingError
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "lamps")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Why?\tSo.\nWho?\tMe, too.\n", 'question,answer\nWhy?,So.\nWho?,"Me, too."\n'),
        ("Frage\tAntwort\nWhy?\tSo.", "Frage,Antwort\nWhy?,So.\n"),
        ('question,answer\n"Why, then?",So.\n\n', 'question,answer\n"Why, then?",So.\n'),
        ('Why?\t"two\nlines"\n', 'question,answer\nWhy?,"two\nlines"\n'),
    ],
)
def test_a_copied_table_becomes_a_file_of_examples(
    project: Project, text: str, written: str
) -> None:
    assert save_pasted(project, text).read_text(encoding="utf-8") == written


@pytest.mark.parametrize("text", ["", "just words", "Why?\tSo.\nalone\n"])
def test_other_text_is_refused(project: Project, text: str) -> None:
    with pytest.raises(UserFacingError) as refused:
        save_pasted(project, text)
    assert refused.value.code == "examples.no_table"


def test_the_template_has_the_columns_that_are_needed(tmp_path: Path) -> None:
    write_template(tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "question,answer"
    assert len(lines) == 3
