from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.export.proofs import note_proof
from core.export.saves.forms import Choice
from core.jobs.likeness import Likeness
from core.jobs.spec import ExportResult
from core.storage.transaction import staged_folder
from gui.saving.answers_dialog import AnswersDialog
from gui.saving.page import SavingPage
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.saving.saves import save_some

Open = Callable[[type, Session], SavingPage]


@pytest.fixture
def trained(ready_session: Session) -> Session:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    return ready_session


def test_it_suggests_a_folder_and_names_the_base(trained: Session, open_page: Open) -> None:
    page = open_page(SavingPage, trained)
    assert Path(page.target.text()).name == "Probe"
    assert "works only with “tiny”" in page._needs.text()
    assert page.is_ready()


def test_a_suggestion_never_overwrites(trained: Session, open_page: Open) -> None:
    first = open_page(SavingPage, trained)
    taken = Path(first.target.text())
    taken.mkdir(parents=True)
    second = open_page(SavingPage, trained)
    assert Path(second.target.text()) == taken.with_name("Probe-2")


def test_a_path_without_a_place_is_refused(trained: Session, open_page: Open) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    page.target.setText("somewhere")
    with pytest.raises(UserFacingError) as caught:
        page.apply()
    assert caught.value.code == "saving.relative_path"
    page.target.setText("  ")
    assert not page.is_ready()


def test_here_it_is_asked_without_saving(trained: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    page.target.clear()
    assert not page.is_ready()
    page.tiles.choose("here")
    assert page.primary_text() == "Try it in a chat"
    assert page.is_ready()
    assert not page.target.isVisible()
    with qtbot.waitSignal(page.sent) as sent:
        page.apply()
    assert sent.args == [Place.CHAT, "train-001"]
    assert not page.is_busy()


def test_return_in_the_folder_field_saves(trained: Session, open_page: Open, qtbot: QtBot) -> None:
    page = open_page(SavingPage, trained)
    with qtbot.waitSignal(page.submitted):
        qtbot.keyClick(page.target, Qt.Key.Key_Return)


def test_a_failed_export_is_told_and_nothing_is_called_saved(
    trained: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    page.target.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(page.failed, timeout=60_000) as failed:
        page.apply()
        assert page.is_busy()
        assert not page.target.isEnabled()
        assert not page.browse.isEnabled(), "the folder is settled"
    assert page.browse.isEnabled()
    assert failed.args[0].code == "run.no_adapter"
    assert not trained.state.exported_to
    assert not page.result.isVisible()
    assert not (tmp_path / "out").exists()
    scenes.until(qtbot, page.saved.isVisible)
    (row,) = page.saved.saved
    assert row.state == "refused", "it stays in the table, with its reason"


def test_what_was_saved_here_is_shown_again(
    trained: Session, open_page: Open, tmp_path: Path
) -> None:
    with staged_folder(tmp_path / "out") as staging:
        (staging / "adapter.safetensors").touch()
    note_proof(tmp_path / "out")
    trained.give(exported_to=str(tmp_path / "out"))
    page = open_page(SavingPage, trained)
    assert page.result.isVisible()
    assert f"Saved in “{tmp_path / 'out'}”" in page.result.what.text()
    assert [button.text() for button in page.result._actions] == [
        "Try it in a chat", "Open the folder"
    ]  # fmt: skip


def test_what_only_the_project_says_is_not_claimed(
    trained: Session, open_page: Open, tmp_path: Path
) -> None:
    """A stranger's project once got “loaded again and compared” for any folder, with a button."""
    (tmp_path / "yours").mkdir()
    trained.give(exported_to=str(tmp_path / "yours"))
    page = open_page(SavingPage, trained)
    assert page.result.what.text().startswith("This project says")
    assert "loaded again" not in page.result.todo.text()
    assert not page.result._actions


def test_a_second_training_with_another_base_does_not_change_what_is_saved(
    trained: Session, open_page: Open, tmp_path: Path
) -> None:
    first = trained.state.finished_run
    scenes.add_base(trained, tmp_path / "other base")
    trained.give(training_run=scenes.add_run(trained).name)
    page = open_page(SavingPage, trained)
    assert first == "train-001"
    assert "“Probe”" in page.subtitle()
    assert "“tiny”" in page._needs.text(), "the base that its adapter belongs to"
    assert page.is_ready()


def test_what_was_saved_meanwhile_is_not_taken_for_another_training(
    trained: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(SavingPage, trained)
    page._job_about = "train-000"  # its export was under way when another fine-tune was opened
    with qtbot.waitSignal(page.told) as told:
        page._exported(ExportResult(folder=str(tmp_path / "out"), largest_difference=0.0))
    assert "“train-000” is saved" in told.args[0]
    assert trained.state.exported_to == ""
    assert not page.result.isVisible()


def test_another_form_says_what_it_is_and_what_to_do_with_it(
    trained: Session, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    assert page.primary_text() == "Save and check the adapter"
    page.tiles.choose("ollama")
    assert page.primary_text() == "Save and check"
    assert not page._needs.isVisible()
    alike = Likeness(tokens=9, loss=1.0, wanted=1.0, divergence=0.0)
    page._job_about = page._run_name
    result = {"folder": str(tmp_path / "out"), "form": "gguf", "likeness": alike}
    page._asked = "ollama", Choice("gguf", "Q4_K_M")
    page._exported(ExportResult.model_validate(result))
    assert "It answers like your fine-tune." in page.result.todo.text()
    assert "ollama create out -f Modelfile" in page.ending.lines.toPlainText()
    page._asked = "machine", Choice("gguf", "Q4_K_M")
    page._exported(ExportResult.model_validate(result))
    assert "llama-server" in page.ending.lines.toPlainText()


def test_what_to_do_now_comes_into_sight(
    trained: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(SavingPage, trained)
    page.resize(600, 400)
    assert page.ending.visibleRegion().isEmpty()
    page._job_about, page._asked = page._run_name, ("ollama", Choice("gguf", "Q4_K_M"))
    page._exported(ExportResult(folder=str(tmp_path / "out"), form="gguf"))
    qtbot.waitUntil(lambda: page.ending.copy.visibleRegion().boundingRect().height() > 20)


def test_what_was_saved_earlier_is_a_table(
    trained: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    save_some(trained.require_project(), tmp_path / "saved")
    page = open_page(SavingPage, trained)
    scenes.until(qtbot, page.saved.isVisible)
    assert [one.choice.form for one in page.saved.saved] == ["gguf", "gguf", "adapter"]
    page.saved.open.click()
    dialog = page.findChild(AnswersDialog)
    assert dialog is not None
    dialog.close()


def test_the_choice_stays_when_the_page_is_made_again(trained: Session, open_page: Open) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("ollama", Choice("gguf", "Q8_0"))
    page.leave()
    again = open_page(SavingPage, trained)
    assert (again.tiles.tile, again.tiles.choice) == ("ollama", Choice("gguf", "Q8_0"))


def test_what_is_saved_is_not_saved_a_second_time(
    trained: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    page._asked, page._job_about = ("python", Choice("adapter")), page._run_name
    page._exported(ExportResult(folder=str(tmp_path / "out"), largest_difference=0.0))
    assert page.primary_text() == "Try it in a chat"
    with qtbot.waitSignal(page.sent) as sent:
        page.apply()
    assert sent.args[0] is Place.CHAT
    page.tiles.choose("machine")
    assert page.primary_text() == "Save and check the adapter", "another place, another folder"


def test_the_tiles_say_what_it_takes(trained: Session, open_page: Open) -> None:
    page = open_page(SavingPage, trained)
    page.tiles.choose("python")
    assert page.target.isVisible()
    page.tiles.choose("machine", Choice("merged"))
    assert page.primary_text() == "Save and check"
