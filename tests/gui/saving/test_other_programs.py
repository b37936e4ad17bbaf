"""Only what is on this computer is offered, and it happens when it is pressed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.export.gguf.ollama import InOllama
from gui.saving import other_programs
from gui.saving.other_programs import OtherPrograms
from tests.gui.scenes import until


@pytest.fixture
def others(qtbot: QtBot) -> Iterator[OtherPrograms]:
    parent = QObject()
    made = OtherPrograms(parent)
    yield made
    made.shut_down()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    return tmp_path


def names(others: OtherPrograms, folder: Path) -> list[str]:
    return [label for label, _do in others.actions(folder, "mine")]


def test_nothing_is_offered_that_is_not_there(
    others: OtherPrograms, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_programs, "has_ollama", lambda: False)
    monkeypatch.setattr(other_programs, "lm_studio_folder", lambda: None)
    assert names(others, saved) == []
    monkeypatch.setattr(other_programs, "has_ollama", lambda: True)
    monkeypatch.setattr(other_programs, "lm_studio_folder", lambda: saved)
    assert names(others, saved) == ["Create in Ollama", "Copy to LM Studio"]
    for tile, wanted in (("ollama", "Create in Ollama"), ("lm_studio", "Copy to LM Studio")):
        assert [label for label, _do in others.actions(saved, "mine", tile)] == [wanted]
    assert others.actions(saved, "mine", "machine") == ()
    (saved / "model.gguf").unlink()
    assert names(others, saved) == [], "an adapter is nothing for them"


def test_ollama_and_lm_studio_say_how_it_is_used_now(
    others: OtherPrograms, saved: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    begun: list[str] = []
    told: list[str] = []
    others.begun.connect(begun.append)
    others.done.connect(told.append)
    monkeypatch.setattr(other_programs, "has_ollama", lambda: True)
    monkeypatch.setattr(other_programs, "lm_studio_folder", lambda: saved)
    monkeypatch.setattr(
        other_programs, "take_into_ollama", lambda _folder, name: InOllama(name, 3, 2)
    )
    monkeypatch.setattr(
        other_programs, "copy_to_lm_studio", lambda _folder, name: Path(name) / "model.gguf"
    )
    for _label, do in others.actions(saved, "mine"):
        count = len(told)
        do()
        until(qtbot, lambda count=count: len(told) > count)
    assert begun == ["Ollama is taking the model …", "Copying to LM Studio …"]
    assert told[0].startswith("2 of 3 answers use the same words.")
    assert told[0].endswith("ollama run mine")
    assert told[1] == "LM Studio lists it as “mine” now."


def test_a_refusal_is_told(
    others: OtherPrograms, saved: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    errors: list[UserFacingError] = []
    others.failed.connect(errors.append)
    monkeypatch.setattr(other_programs, "has_ollama", lambda: True)
    monkeypatch.setattr(other_programs, "lm_studio_folder", lambda: None)

    def refuse(*_given: object) -> str:
        raise UserFacingError("export.ollama", "No.", "Yes.")

    monkeypatch.setattr(other_programs, "take_into_ollama", refuse)
    ((_label, do),) = others.actions(saved, "mine")
    do()
    until(qtbot, lambda: bool(errors))
    assert errors[0].code == "export.ollama"
