from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.settings import Settings
from core.wizard import Step
from gui.rows.outliers_dialog import OutliersDialog
from gui.shell.closing_dialog import ClosingDialog
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.fake_training_child import DIES_AT, TOTAL


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    ready_session.go_to(Step.BASE_MODEL)
    made = WizardWindow(ready_session)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()
    made.close()


def test_steps_show_their_state_as_text_and_icon(window: WizardWindow) -> None:
    start = window.sidebar.steps.button(Step.START)
    now = window.sidebar.steps.button(Step.BASE_MODEL)
    locked = window.sidebar.steps.button(Step.SAVING)
    assert (start.text(), start.toolTip()) == (" Start", "Done")
    assert start.accessibleName() == "Step 1: Start, done"
    assert (now.text(), now.toolTip()) == (" Base model", "You are here")
    assert now.accessibleName() == "Step 3: Base model, you are here"
    assert not locked.isEnabled()
    assert start.isEnabled()
    assert locked.accessibleName() == "Step 7: Saving, locked"
    assert not start.icon().isNull()


def test_back_goes_to_the_step_before(window: WizardWindow) -> None:
    window.show_step(Step.SETTINGS)
    window.footer.back.click()
    assert window.session.state.current is Step.BASE_MODEL


def test_a_locked_step_says_why(window: WizardWindow) -> None:
    window.show_step(Step.SAVING)
    assert window.session.state.current is Step.BASE_MODEL
    assert "needs something from an earlier one" in window.message.what.text()


def test_the_one_button_is_named_by_its_page(window: WizardWindow) -> None:
    assert window.footer.primary.text().startswith("Use ")
    window.show_step(Step.START)
    assert window.footer.primary.text().startswith("Continue with “")


def test_an_error_of_a_page_is_shown_with_details(window: WizardWindow) -> None:
    assert window.page is not None
    window.page.failed.emit(UserFacingError("page.test", "It broke.", "Mend it.", "gory details"))
    assert window.message.isVisible()
    assert window.message.what.text() == "It broke."
    assert window.message.todo.text() == "Mend it."
    window.show_step(Step.START)
    assert not window.message.isVisible()


def test_the_library_is_left_with_back(window: WizardWindow) -> None:
    window.sidebar.places[Place.LIBRARY].click()
    assert window.page is not None
    assert window.page.title() == "Library"
    assert window.sidebar.steps.button(Step.BASE_MODEL).accessibleName().endswith("done")
    window.footer.back.click()
    assert window.page.title() == "Base model"


def test_back_from_the_library_when_the_step_before_was_deleted(
    ready_session: Session, qtbot: QtBot
) -> None:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    ready_session.go_to(Step.SAVING)
    window = WizardWindow(ready_session)
    qtbot.addWidget(window)
    window.show()
    window.show_place(Place.LIBRARY)
    scenes.until(qtbot, lambda: len(window.page.tunes) == 1)
    window.page.delete.click()
    scenes.until(qtbot, window.toast.isVisible)
    assert not window.sidebar.steps.button(Step.SAVING).isEnabled()
    window.footer.back.click()
    assert window.page.step is Step.SETTINGS
    assert window.message.isHidden()
    window.shut_down()


def test_another_look_redraws_and_keeps_the_page(window: WizardWindow) -> None:
    window.session.change_settings(appearance="dark", text_scale=1.4)
    assert window.page is not None
    assert window.page.title() == "Base model"
    window.session.change_settings(appearance="light", text_scale=1.0)


def test_another_look_while_a_training_is_watched(ready_session: Session, qtbot: QtBot) -> None:
    run = scenes.add_run(ready_session)
    scenes.write_events(run, scenes.training_events(20, 40))
    ready_session.go_to(Step.TRAINING)
    with scenes.alive(run):
        window = WizardWindow(ready_session)
        window.show()
        for look in ("dark", "light", "dark", "light"):
            ready_session.change_settings(appearance=look)
            scenes.until(qtbot, lambda: window.page.view_model.step == 20)
            window.page.draw()
            qtbot.wait(20)
        window.shut_down()
        window.deleteLater()


@pytest.mark.parametrize("looks_still", [False, True])
def test_another_look_keeps_the_offer_to_resume(
    ready_session: Session, qtbot: QtBot, looks_still: bool
) -> None:
    scenes.write_events(scenes.add_run(ready_session), scenes.training_events(3, 40))
    window = WizardWindow(ready_session)
    window.show()
    if not looks_still:
        scenes.until(qtbot, window.offer.isVisible)
    before = window.offer
    ready_session.change_settings(appearance="dark")
    assert not before._tasks.is_running("look")
    assert window.offer is not before
    scenes.until(qtbot, window.offer.isVisible)
    assert "at step 3 of 40" in window.offer.what.text()
    window.offer._dismiss.click()
    ready_session.change_settings(appearance="light")
    assert not window.offer.stands(), "it was dismissed"
    window.shut_down()
    window.deleteLater()


def test_everything_that_can_be_used_has_a_name(window: WizardWindow, qtbot: QtBot) -> None:
    for step in (Step.START, Step.BASE_MODEL, Step.SETTINGS):
        window.show_step(step)
        qtbot.wait(50)
        for widget in window.findChildren(QWidget):
            if not isinstance(widget, QAbstractButton | QLineEdit) or not widget.isVisible():
                continue
            named = widget.accessibleName() or getattr(widget, "text", str)()
            internal = widget.objectName().startswith("qt_")
            assert named or internal, f"nameless: {widget} of {widget.parent()} on {step}"


def test_the_keyboard_waits_for_the_verb_of_a_busy_page(
    window: WizardWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gui.examples.page import ExamplesPage

    busy = True
    monkeypatch.setattr(ExamplesPage, "is_busy", lambda _self: busy)
    monkeypatch.setattr(ExamplesPage, "is_ready", lambda _self: not busy)
    window.show_step(Step.EXAMPLES)
    assert window.focusWidget() is window.page, "neither Back nor the button for other files"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert window.session.state.current is Step.EXAMPLES
    busy = False
    window.page.changed.emit()
    assert window.footer.primary.hasFocus()


def test_tab_goes_from_the_steps_through_the_page_to_the_verb(
    window: WizardWindow, qtbot: QtBot
) -> None:
    window.show_step(Step.SETTINGS)
    scenes.until(qtbot, lambda: window.page.plan is not None)
    qtbot.wait(20)
    assert window.focusWidget() is not window.footer.primary, "one Return too many would start it"
    window.sidebar.steps.button(Step.START).setFocus()
    parts = []
    for _ in range(60):
        focused = window.focusWidget()
        whole = (window.sidebar, window.page, window.footer)
        part = next(one for one in whole if one.isAncestorOf(focused))
        parts += [part] if not parts or parts[-1] is not part else []
        if focused is window.footer.primary:
            break
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert parts == [window.sidebar, window.page, window.footer]
    page = window.page
    page.cards["balanced"].button.setFocus()
    qtbot.keyClick(page.cards["balanced"].button, Qt.Key.Key_Tab)
    assert window.focusWidget() is page.trial, "what stands next, not what was made next"


def test_a_window_that_opens_on_a_later_page_begins_there(
    ready_session: Session, qtbot: QtBot
) -> None:
    ready_session.go_to(Step.SETTINGS)
    made = WizardWindow(ready_session)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    scenes.until(qtbot, lambda: made.page.plan is not None)
    qtbot.wait(50)
    assert made.focusWidget() is made.page.cards["balanced"].button
    made.shut_down()
    made.close()


def test_the_keyboard_reaches_everything(window: WizardWindow, qtbot: QtBot) -> None:
    window.show_step(Step.START)
    reached: set[QWidget] = set()
    for _ in range(60):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused)
    expected = [
        widget
        for widget in window.findChildren(QAbstractButton)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.group() and not widget.isChecked())
    ]
    assert expected
    missed = [widget.text() for widget in expected if widget not in reached]
    assert not missed


class TestOnlyReading:
    @pytest.fixture
    def reader(self, ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
        second = Session(Settings())
        second.open_project(ready_session.require_project().root)
        made = WizardWindow(second)
        made.show()
        qtbot.waitExposed(made)
        yield made
        made.shut_down()
        made.close()

    def test_it_says_so_and_every_page_is_switched_off(
        self, reader: WizardWindow, qtbot: QtBot
    ) -> None:
        assert reader.ownership.isVisible()
        assert "You can look, but not change" in reader.ownership.what.text()
        for step in (Step.EXAMPLES, Step.BASE_MODEL, Step.SETTINGS):
            reader.show_step(step)
            qtbot.wait(50)
            assert not reader.footer.primary.isEnabled()
            assert not reader.footer.secondary.isEnabled()
            assert reader.page is not None
            buttons = [b for b in reader.page.findChildren(QAbstractButton) if b.isVisible()]
            assert not [b.text() for b in buttons if b.isEnabled()]
        reader.show_step(Step.START)
        assert reader.footer.primary.isEnabled(), "another project may be opened"

    def test_it_takes_over_when_the_owner_is_gone(
        self, reader: WizardWindow, ready_session: Session
    ) -> None:
        reader.show_step(Step.BASE_MODEL)
        reader.take_over()
        assert "still open elsewhere" in reader.message.what.text()
        ready_session.close()
        reader.take_over()
        assert not reader.ownership.isVisible()
        assert reader.page is not None
        assert [b for b in reader.page.findChildren(QAbstractButton) if b.isEnabled()]

    def test_closing_asks_nothing(
        self, reader: WizardWindow, ready_session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ClosingDialog, "exec", lambda _dialog: pytest.fail("asked"))
        with scenes.alive(scenes.add_run(ready_session)):
            assert reader.close()


@pytest.mark.usefixtures("fake_training")
def test_an_interrupted_training_is_offered_at_the_start_and_goes_on(
    ready_session: Session, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    (run.root / "died").touch()  # the fake child goes on where it was saved
    scenes.write_events(run, scenes.training_events(DIES_AT, TOTAL, card=False))
    window = WizardWindow(ready_session)
    window.show()
    scenes.until(qtbot, window.offer.isVisible)
    (resume,) = window.offer._actions
    resume.click()
    assert window.session.state.current is Step.TRAINING
    page = window.page
    scenes.until(qtbot, lambda: ready_session.state.training_done)
    assert list(page.view_model.raw.x) == [float(n) for n in range(1, TOTAL + 1)]
    assert not window.offer.isVisible()
    window.shut_down()
    window.deleteLater()


def test_damaged_examples_are_left_out_where_they_were_found(
    window: WizardWindow, qtbot: QtBot
) -> None:
    session = window.session
    run = scenes.add_run(session)
    scenes.write_events(run, [*scenes.training_events(10, 40), scenes.odd_rows(3, 17)])
    session.give(training_run=run.name)
    window.show_step(Step.TRAINING)
    scenes.until(qtbot, lambda: window.page.view_model.health is not None)
    window.page.draw()
    window.page.view.verdict._actions[0].click()
    scenes.until(qtbot, lambda: window.page.findChild(OutliersDialog) is not None)
    dialog = window.page.findChild(OutliersDialog)
    qtbot.keyClick(dialog.places, Qt.Key.Key_Space)
    with scenes.alive(run):
        qtbot.keyClick(dialog.leave_out, Qt.Key.Key_Space)
    assert session.state.current is Step.EXAMPLES
    examples = window.page
    scenes.until(qtbot, lambda: len(examples.choices.rows) == 1)
    assert window.toast.what.text().startswith("1 example left out.")
    left = examples.plan.kept_count
    examples.undo()
    assert examples.plan.kept_count == left + 1


def test_a_corrected_error_does_not_stay(ready_session: Session, qtbot: QtBot) -> None:
    """In a field by typing, and of a job as soon as it is tried again."""
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    ready_session.go_to(Step.SAVING)
    window = WizardWindow(ready_session)
    window.show()
    qtbot.waitExposed(window)
    page = window.page
    page.tiles.choose("python")
    page.target.selectAll()
    qtbot.keyClicks(page.target, "somewhere")
    qtbot.mouseClick(window.footer.primary, Qt.MouseButton.LeftButton)
    assert window.message.isVisible()
    assert window.message.tone == "problem"
    qtbot.keyClicks(page.target, "/else")
    assert window.message.isHidden()
    page.failed.emit(UserFacingError("test.x", "It broke.", "Try again."))
    page._job.began.emit()
    assert window.message.isHidden()
    page.noted.emit("Something good.")
    page.corrected.emit()
    assert window.message.isVisible(), "only errors go"
    window.shut_down()
    window.close()
