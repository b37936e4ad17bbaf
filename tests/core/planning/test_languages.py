from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.actions.examples import prepare
from core.commands.terminal import run_job
from core.models.catalogue import SAMPLE_KEY, entry_named, find_entry
from core.planning.languages import answer_language, was_made_for
from core.project import Project

GERMAN = [
    "Das ist nicht möglich, weil die Kasse am {n}. Tag im Monat nicht mit dem Lager verbunden ist.",
    "Sie können die Ware Nummer {n} bei uns im Laden zurückgeben, auch wenn der Bon fehlt.",
    "Wir haben am Montag von {n} Uhr an geöffnet und sind dann bis zum Abend für Sie da.",
]
ENGLISH = "You can bring item number {n} back to the shop at any time, even if it was used by you."


def version_with(answers: list[str], folder: Path) -> Path:
    rows = [
        {"question": f"Frage {n} {'abcdefghij'[n % 10] * 4}?", "answer": answer.format(n=n)}
        for n, answer in enumerate(answers)
    ]
    source = folder / "rows.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    project = Project.create(folder / "project")
    report = prepare(project, [source], run_job=run_job)
    return project.version_folder(report.content_hash)


@pytest.mark.parametrize(
    ("answers", "language"),
    [
        (GERMAN * 14, "German"),
        ([ENGLISH] * 40, "English"),
        ([*GERMAN * 7, *[ENGLISH] * 20], ""),
        (["`{n}`: ok"] * 40, ""),
    ],
    ids=["German", "English", "both", "none"],
)
def test_the_language_of_most_answers(answers: list[str], language: str, tmp_path: Path) -> None:
    assert answer_language(version_with(answers, tmp_path)) == language


def test_which_models_know_a_language() -> None:
    sample, qwen = find_entry(SAMPLE_KEY), entry_named("Qwen/Qwen3-0.6B")
    assert sample is not None and qwen is not None
    assert was_made_for(sample, "English") and was_made_for(sample, "")
    assert not was_made_for(sample, "German")
    assert was_made_for(qwen, "German")
    assert was_made_for(qwen, "Greek"), "it names some and says there are more"


def test_a_folder_is_known_by_the_name_of_its_model() -> None:
    assert entry_named("qwen3-0.6b") == entry_named("Qwen/Qwen3-0.6B")
    assert entry_named("my-own-model") is None
