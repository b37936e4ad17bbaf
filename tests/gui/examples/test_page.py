from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.data.cleaning import ReviewDecision, RowAction
from core.data.dataset import DatasetVersion
from core.data.findings.kinds import Action, Kind
from core.data.readers import ReadOptions
from core.data.versions.revision import leave_out
from core.sample_project import open_sample
from core.wizard import Step
from gui.examples.page import ExamplesPage
from gui.examples.receipt_dialog import ReceiptDialog
from gui.shell.window import WizardWindow
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.examples.test_receipt_dialog import words

Open = Callable[[type, Session], ExamplesPage]


def write_rows(path: Path, rows: int = 120, copies: int = 10) -> Path:
    lines = [
        json.dumps({"Frage": f"What comes after {n}?", "Antwort": f"After {n} comes {n + 1}."})
        for n in range(rows)
    ]
    path.write_text("\n".join([*lines, *lines[:copies]]), encoding="utf-8")
    return path


@pytest.fixture
def page(project_session: Session, open_page: Open) -> ExamplesPage:
    return open_page(ExamplesPage, project_session)


def planned_again(page: ExamplesPage, before: object, qtbot: QtBot) -> None:
    scenes.until(qtbot, lambda: page.is_ready() and page.plan is not before, 60)


def read(page: ExamplesPage, path: Path, qtbot: QtBot) -> None:
    before = page.plan
    page.read_files([path])
    planned_again(page, before, qtbot)


def test_at_first_it_asks_for_a_file(page: ExamplesPage) -> None:
    assert not page.is_ready()
    assert "Choose a file" in page.hint()
    assert page._result.isHidden()


def test_files_are_read_shown_and_accepted(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    source = write_rows(tmp_path / "Übung 漢字.jsonl")
    before = source.read_bytes()
    read(page, source, qtbot)
    assert "“Frage”" in page.reading.guessed.text()
    assert page.primary_text() == "Use these 120 examples"
    model = page.view.table.rows
    assert model.rowCount() == 130
    assert model.data(model.index(0, 1)) == "What comes after 0?"
    assert model.data(model.index(0, 2)) == "After 0 comes 1."
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    version = page.session.state.dataset_version
    loaded = DatasetVersion.load(page.session.require_project().versions / version)
    assert sum(loaded.counts.values()) == 120
    assert source.read_bytes() == before


def test_each_decision_counts_and_can_be_undone(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    card = page.findings.cards[Kind.EXACT_DUPLICATE]
    assert card.headline.text() == "10 × exact copies"
    qtbot.mouseClick(card.ignore, Qt.MouseButton.LeftButton)
    assert page.primary_text() == "Use these 130 examples"
    assert card.fix.isEnabled()
    page.decide_row(3, RowAction.DROP)
    assert page.primary_text() == "Use these 129 examples"
    page.undo()
    page.undo()
    assert page.primary_text() == "Use these 120 examples"
    assert not page.findings.undo.isEnabled()


def test_columns_can_be_corrected(page: ExamplesPage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    lines = ["alpha,beta,gamma"] + [f"word {n},what is {n},it is {n}" for n in range(30)]
    path.write_text("\n".join(lines), encoding="utf-8")
    read(page, path, qtbot)
    assert page.reading.mapping.isVisible()
    for name, role in (("alpha", ""), ("beta", "question"), ("gamma", "answer")):
        field = page.reading.mapping.fields[name]
        field.setCurrentIndex(field.findData(role))
    before = page.plan
    page.reading.mapping.again.click()
    planned_again(page, before, qtbot)
    model = page.view.table.rows
    assert model.data(model.index(0, 1)) == "what is 0"
    assert model.data(model.index(0, 2)) == "it is 0"


def test_reading_again_while_reading_ends_with_what_was_wanted_last(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "a.jsonl")
    read(page, path, qtbot)
    troubles: list[object] = []
    page.failed.connect(troubles.append)
    before = page.plan
    for encoding in ("shift_jis", "cp1250", "utf-8"):
        page.reading.corrected.emit(ReadOptions(encoding=encoding))
        qtbot.wait(150)
    planned_again(page, before, qtbot)
    assert page.draft is not None
    assert page.draft.summary.options.read.encoding == "utf-8"
    assert not troubles


def test_what_is_no_file_of_examples_is_refused_and_the_draft_stays(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    picture = tmp_path / "holiday.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with qtbot.waitSignal(page.failed, timeout=60_000) as failed:
        page.read_files([picture])
    assert failed.args[0].code == "dataset.not_a_dataset"
    scenes.until(qtbot, lambda: not page.is_busy())
    assert page.primary_text() == "Use these 120 examples"


def test_few_examples_and_bad_rows_are_said(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "few.jsonl", rows=20, copies=0), qtbot)
    assert "Only 20 examples" in page.notes.what.text()
    bad = write_rows(tmp_path / "bad.jsonl", rows=150, copies=0)
    with bad.open("a", encoding="utf-8") as stream:
        stream.write("\n{broken")
    read(page, bad, qtbot)
    assert "line 151" in page.notes.what.text()
    assert Kind.MALFORMED_ROW in page.findings.cards


def test_choices_are_found_again(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path, open_page: Open
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    page.decide(Kind.EXACT_DUPLICATE, Action.IGNORE)
    page.split.held_out.setValue(30)
    page.leave()
    again = open_page(ExamplesPage, page.session)
    scenes.until(qtbot, again.is_ready)
    assert again.primary_text() == "Use these 130 examples"
    assert again.split.held_out.value() == 30


def test_a_verdict_survives_a_window_that_is_killed(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path, open_page: Open
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    page.review.begin.click()
    page.review.buttons[ReviewDecision.FLAG].click()
    page.review.buttons[ReviewDecision.DROP].click()
    # No leave(): the window is gone without a word.
    again = open_page(ExamplesPage, page.session)
    scenes.until(qtbot, again.is_ready)
    assert list(again.choices.reviewed.values()) == [ReviewDecision.FLAG, ReviewDecision.DROP]
    assert "(2 done)" in again.review.head.text()
    assert again.primary_text() == "Use these 119 examples"
    assert again.view.filter.findText("Flagged by you (1)") > 0


def test_what_the_settings_left_out_is_counted_here_too(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert page.reading.in_use.isHidden()
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    scenes.until(qtbot, lambda: page.reading.in_use.text() == "In use now: 120 examples.")
    folder = page.session.require_project().versions
    version = DatasetVersion.load(folder / page.session.state.dataset_version)
    revised = leave_out(version, {7: "nothing is learned"}, folder)
    page.session.give(dataset_version=revised.content_hash)
    page.enter()
    said = (
        "In use now: 119 examples. 1 was left out in the settings: nothing of it could be learned."
    )
    scenes.until(qtbot, lambda: page.reading.in_use.text() == said)


def test_a_mixture_is_accepted_and_on_the_receipt(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert not page.reading.receipt.isVisible()
    page.mixture.general.setChecked(True)
    page.mixture.general_count.setValue(12)
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    state, project = page.session.state, page.session.require_project()
    version = DatasetVersion.load(project.versions / state.dataset_version)
    assert version.meta.added == {"general": 12}
    scenes.until(qtbot, page.reading.receipt.isVisible)
    page.reading.receipt.click()
    dialog = page.findChild(ReceiptDialog)
    assert "12 general examples were added" in words(dialog)
    dialog.close()


def test_an_earlier_version_can_be_rehearsed(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    assert page.mixture._rehearsal.isHidden()
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    first = page.session.state.dataset_version
    scenes.until(qtbot, lambda: page.mixture.earlier.count() == 2)
    other = tmp_path / "b.jsonl"
    lines = (f'{{"question": "Who is {n}?", "answer": "Somebody, {n}."}}' for n in range(150))
    other.write_text("\n".join(lines), encoding="utf-8")
    read(page, other, qtbot)
    scenes.until(qtbot, lambda: page.mixture.earlier.count() == 2)
    page.mixture.earlier.setCurrentIndex(1)
    page.mixture.earlier.activated.emit(1)
    page.mixture.rehearsed.setValue(20)
    with qtbot.waitSignal(page.finished, timeout=60_000):
        page.apply()
    project = page.session.require_project()
    version = DatasetVersion.load(project.versions / page.session.state.dataset_version)
    assert version.meta.added == {"earlier": 20}
    assert version.receipt()["mixture"]["rehearse"] == first


def test_the_sample_project_brings_its_file(
    session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    session.open_project(open_sample(tmp_path / "sample").root)
    page = open_page(ExamplesPage, session)
    scenes.until(qtbot, page.is_ready, 60)
    assert page.primary_text() == "Use these 343 examples"
    assert Kind.HTML in page.findings.cards


def test_everything_has_a_name_for_screen_readers(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "a.jsonl"), qtbot)
    card = page.findings.cards[Kind.EXACT_DUPLICATE]
    assert card.accessibleName() == "10 × exact copies. They are left out."
    assert card.view.accessibleName() == "View before and after: exact copies"
    model = page.view.table.rows
    spoken = model.data(model.index(0, 3), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "What happens: Used"


class TestWhatCanDoHarm:
    """A password in the examples, met with keys and mouse in the real window."""

    @pytest.fixture
    def window(
        self, project_session: Session, qtbot: QtBot, tmp_path: Path
    ) -> Iterator[WizardWindow]:
        project_session.go_to(Step.EXAMPLES)
        made = WizardWindow(project_session)
        made.resize(1180, 720)
        made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        path = write_rows(tmp_path / "a.jsonl", rows=40, copies=3)
        lost = json.dumps({"Frage": "How do I log in?", "Antwort": "password = Tr0ub4dor&9zQ"})
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{lost}", encoding="utf-8")
        read(made.page, path, qtbot)
        yield made
        made.shut_down()
        made.close()

    def test_it_stands_first_and_in_sight(self, window: WizardWindow, qtbot: QtBot) -> None:
        page = window.page
        card = page.risks.cards[Kind.SECRET]
        assert card.mapTo(page, QPoint(0, card.height())).y() <= page.height(), "without scrolling"
        assert page.risks.y() < page.notes.y()
        assert page.risks.y() < page.findings.y()
        assert card.mapTo(page, QPoint()).x() < page.view.mapTo(page, QPoint()).x(), "at the left"
        assert window.footer.hint.text() == "1 decision open: you are asked when you continue"
        assert Kind.SECRET not in page.findings.cards
        assert page.risks.found.text() == "Decide this first"

    def accept(self, window: WizardWindow, qtbot: QtBot) -> list[str]:
        """Press *Use these examples* and return what is offered instead of doing it."""
        window.footer.primary.setFocus()
        qtbot.keyClick(window.footer.primary, Qt.Key.Key_Space)
        return [button.text() for button in window.message._actions if button.isVisible()]

    def accepted(self, window: WizardWindow, qtbot: QtBot) -> str:
        session = window.session
        scenes.until(qtbot, lambda: bool(session.state.dataset_version), 60)
        version = session.require_project().versions / session.state.dataset_version
        return "".join(e.answer for _, e in DatasetVersion.load(version).rows())

    def test_it_is_asked_once_and_hidden_with_one_key(
        self, window: WizardWindow, qtbot: QtBot
    ) -> None:
        offered = self.accept(window, qtbot)
        assert offered == ["Hide them", "Look at them first", "Keep them as they are"]
        assert "1 × possible password or key" in window.message.what.text()
        assert not window.page.is_busy()
        assert window.focusWidget() is window.message._actions[0]
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
        text = self.accepted(window, qtbot)
        assert "Tr0ub4dor" not in text
        assert "[secret]" in text

    def test_it_may_be_looked_at_decided_and_then_nothing_is_asked(
        self, window: WizardWindow, qtbot: QtBot
    ) -> None:
        self.accept(window, qtbot)
        qtbot.mouseClick(window.message._actions[1], Qt.MouseButton.LeftButton)
        card = window.page.risks.cards[Kind.SECRET]
        assert window.focusWidget() is card.view
        assert "Tr0ub4dor" in card.rows.before.toPlainText()
        qtbot.mouseClick(card.ignore, Qt.MouseButton.LeftButton)
        assert self.accept(window, qtbot) == []
        assert "Tr0ub4dor" in self.accepted(window, qtbot)

    def test_a_row_that_is_left_out_waits_for_no_decision(
        self, window: WizardWindow, qtbot: QtBot
    ) -> None:
        page, card = window.page, window.page.risks.cards[Kind.SECRET]
        page.decide_row(int(page.draft.rows_of(Kind.SECRET)[0]), RowAction.DROP)
        qtbot.waitUntil(lambda: card.status.text() == "Decided row by row.")
        assert window.footer.hint.text() == ""
        assert page.risks.found.text() == "What the model could repeat"
        assert card.property("card") != "problem"
        card.view.setChecked(True)
        assert card.rows.after_title.text() == "Now: left out by you"
        assert card.rows.after.toPlainText() == "(left out)"
        page.undo()
        qtbot.waitUntil(lambda: "Nothing is decided yet" in card.status.text())
        assert card.rows.after_title.text() == "After “Hide”"

    def test_escape_takes_the_question_away_and_decides_nothing(
        self, window: WizardWindow, qtbot: QtBot
    ) -> None:
        self.accept(window, qtbot)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
        assert window.message.isHidden()
        assert not window.page.is_busy()
        assert window.page.choices.is_open(Kind.SECRET)

    def test_control_z_opens_the_decision_again(self, window: WizardWindow, qtbot: QtBot) -> None:
        card = window.page.risks.cards[Kind.SECRET]
        window.activateWindow()
        card.fix.setFocus()
        qtbot.keyClick(card.fix, Qt.Key.Key_Space)
        assert window.focusWidget() is card.fix, "the pressed button stays where it is"
        assert card.fix.isChecked()
        assert card.status.text() == "It is hidden from the model."
        undo = window.page.risks.undo.text()
        assert undo == " Undo (Hide: possible password or key)", "what the button said"
        assert window.page.risks.found.text() == "What the model could repeat"
        qtbot.keyClick(card.fix, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert not card.fix.isChecked()
        assert "Nothing is decided yet" in card.status.text()

    def test_a_row_that_is_left_out_keeps_the_keyboard_at_its_place(
        self, window: WizardWindow, qtbot: QtBot
    ) -> None:
        view = window.page.view
        view.leave_out.setFocus()
        kept = window.page.plan.kept_count
        qtbot.keyClick(view.leave_out, Qt.Key.Key_Space)
        assert window.page.plan.kept_count == kept - 1
        for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            qtbot.keyClick(window.focusWidget(), key)
        assert window.page.plan.kept_count == kept - 1, "no other button was pressed"
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert window.focusWidget() is view.take_back


def test_a_damaged_draft_is_reported_on_its_page(
    page: ExamplesPage, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    read(page, write_rows(tmp_path / "rows.jsonl"), qtbot)
    page._close_draft()
    for array in page.session.require_project().draft.rglob("*.npy"):
        array.write_bytes(b"no array")
    again = ExamplesPage(page.session)
    qtbot.addWidget(again)
    with qtbot.waitSignal(again.failed) as failed:
        again.enter()
    assert failed.args[0].code == "draft.damaged"
    assert again.draft is None
    again.leave()
    again.shut_down()


def test_a_chat_of_two_people_asks_whose_messages_are_learned(
    page: ExamplesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    chat = tmp_path / "WhatsApp Chat with Mika.txt"
    said = [("Rowan", "When is dinner?"), ("Mika", "At seven.")] * 4
    chat.write_text(
        "\n".join(f"01/03/2024, 18:0{n} - {who}: {text}" for n, (who, text) in enumerate(said)),
        encoding="utf-8",
    )
    page.read_files([chat])
    scenes.until(qtbot, lambda: page.plan is not None, 60)
    assert not page.is_ready()
    assert not page.reading.who.isHidden()
    assert page.hint() == "Choose whose messages the model should learn from."
    assert page.notes.isHidden() and not page.findings.cards[Kind.MALFORMED_ROW].isVisible()
    assert page.view.table.rows.rowCount() == 0 and not page.view.leave_out.isEnabled()
    speakers = page.reading.who.speakers
    speakers.setCurrentIndex(speakers.findData("Mika"))
    page.reading.who.learn.click()
    scenes.until(qtbot, page.is_ready, 60)
    assert page.draft is not None
    assert page.draft.row(0).answer == "At seven."
    assert page.view.table.rows.rowCount() == len(page.draft)
    assert page.reading.who.who.text() == "The model learns from what Mika wrote."
    page.reading.who.change.click()
    scenes.until(qtbot, lambda: page.plan is not None and not page.plan.kept_count, 60)
    assert page.reading.who.speakers.count() == 2
