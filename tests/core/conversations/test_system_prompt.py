from __future__ import annotations

from pathlib import Path

import pytest

from core.conversations.system_prompt import common_system_prompt
from core.data.jobs import run_prepare, run_scan
from core.data.spec import PrepareParams, ScanParams
from core.jobs.link import JobLink
from core.project import Project


def version_of(tmp_path: Path, systems: list[str]) -> Path:
    project = Project.create(tmp_path / "p")
    source = tmp_path / "rows.jsonl"
    rows = [
        f'{{"messages": [{{"role": "system", "content": "{system}"}}, '
        f'{{"role": "user", "content": "What comes after {n}?"}}, '
        f'{{"role": "assistant", "content": "The next one is {n + 1}."}}]}}'
        for n, system in enumerate(systems)
    ]
    source.write_text("\n".join(rows), encoding="utf-8")
    folder = project.new_run("prepare")
    with JobLink(folder) as link:
        run_scan(folder, ScanParams(paths=(str(source),)), link)
        report = run_prepare(folder, PrepareParams(), link)
    return project.version_folder(report.content_hash)


@pytest.mark.parametrize(
    ("systems", "found"),
    [(["You count."] * 40, "You count."), (["You count.", "You add."] * 20, "")],
)
def test_only_one_that_all_examples_share(tmp_path: Path, systems: list[str], found: str) -> None:
    assert common_system_prompt(version_of(tmp_path, systems)) == found


def test_a_version_that_is_gone_has_none(tmp_path: Path) -> None:
    assert common_system_prompt(tmp_path / "gone") == ""
