from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.conversations import store
from core.errors import UserFacingError
from core.project import Project
from core.serving.use.comparison import open_database, present
from core.serving.use.record import RecordSettings, UseRecord, set_record
from gui.chat.page import ChatPage
from gui.chat.transcript.answer_card import AnswerCard
from gui.examples.page import ExamplesPage
from gui.library.page import LibraryPage
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui.chat.fake_model import ANSWER, FakeModel, Openers


def page_of(window: WizardWindow) -> ChatPage:
    assert isinstance(window.page, ChatPage)
    return window.page


def say(window: WizardWindow, question: str) -> None:
    page_of(window).composer.setPlainText(question)
    window.footer.primary.click()


def answered(window: WizardWindow, openers: Openers, qtbot: QtBot, text: str = ANSWER) -> FakeModel:
    """Let what was asked be answered."""
    page, model = page_of(window), openers.last
    if page.talk.holder.state == "loading":
        model.become_ready()
    qtbot.waitUntil(lambda: page.talk.holder.state == "ready")
    model.answer_all(text)
    qtbot.waitUntil(lambda: not page.is_busy())
    return model


def card(window: WizardWindow, at: int = 0) -> AnswerCard:
    return page_of(window).transcript.views[-1].cards[at]


def kept(window: WizardWindow) -> list[dict]:
    page = page_of(window)
    page.talk._keeper.flush()
    folder = page.session.require_project().chats
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_nothing_is_loaded_before_it_is_asked(window: WizardWindow, openers: Openers) -> None:
    assert openers.opened == []
    say(window, "Hello?")
    (model,) = openers.opened
    assert model.wanted.runs == ("train-002", "train-001")
    assert model.wanted.base.name == "tiny"


def test_a_question_is_answered_and_kept(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    assert window.footer.primary.text() == "Stop"
    model = answered(window, openers, qtbot)
    (ask,) = model.asked
    assert ask.model == "train-002"
    assert [turn.content for turn in ask.messages] == ["What is it?"]
    assert "width × height" in card(window).body.plain_text()
    assert card(window).state.text() == "120 tokens in 2.4 s, 50 tokens/s."
    assert window.footer.primary.text() == "Send"
    say(window, "And why?")
    answered(window, openers, qtbot)
    assert [turn.content for turn in model.asked[-1].messages] == [
        "What is it?", ANSWER, "And why?"
    ]  # fmt: skip
    (conversation,) = kept(window)
    assert [one["question"] for one in conversation["exchanges"]] == ["What is it?", "And why?"]
    assert len(openers.opened) == 1


def test_both_answer_the_same_question_side_by_side(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    page = page_of(window)
    page.partner.buttons["both"].click()
    say(window, "What is it?")
    model = openers.last
    model.become_ready()
    qtbot.waitUntil(lambda: len(model.asked) == 2)
    base, tuned = model.asked
    assert (base.model, tuned.model) == ("base", "train-002")
    model.write("A stone.", base)
    model.write("A pebble.", tuned)
    model.finish(base)
    qtbot.waitUntil(lambda: card(window, 1).body.plain_text() == "A pebble.")
    assert page.is_busy()
    model.finish(tuned)
    qtbot.waitUntil(lambda: not page.is_busy())
    assert [one.body.plain_text() for one in (card(window), card(window, 1))] == [
        "A stone.", "A pebble."
    ]  # fmt: skip
    assert card(window).x() < card(window, 1).x()
    say(window, "And why?")
    answered(window, openers, qtbot)
    assert [ask.messages[1].content for ask in model.asked[2:]] == ["A stone.", "A pebble."]


def test_another_fine_tune_of_the_same_base_is_not_loaded_again(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "One?")
    answered(window, openers, qtbot)
    page = page_of(window)
    page.partner.tune.setCurrentIndex(1)
    page.partner.tune.activated.emit(1)
    say(window, "Two?")
    model = answered(window, openers, qtbot)
    assert [ask.model for ask in model.asked] == ["train-002", "train-001"]
    assert len(openers.opened) == 1


def test_stop_keeps_what_was_written(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    say(window, "Tell me.")
    model = openers.last
    model.become_ready()
    qtbot.waitUntil(lambda: bool(model.asked))
    model.write("It was a")
    qtbot.waitUntil(lambda: card(window).body.plain_text() == "It was a")
    window.footer.back.setFocus()
    qtbot.keyClick(window.footer.back, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page_of(window).is_busy())
    assert model.cancelled == [model.asked[0].id]
    assert card(window).state.text().startswith("Stopped.")
    (conversation,) = kept(window)
    assert conversation["exchanges"][0]["answers"][0]["text"] == "It was a"


def test_stop_while_it_loads_lets_the_model_go(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "Tell me.")
    window.footer.primary.click()
    qtbot.waitUntil(lambda: openers.last.closed)
    assert page_of(window).talk.holder.state == "off"
    assert not page_of(window).is_busy()


def test_thoughts_are_folded(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    say(window, "What is it?")
    model = openers.last
    model.become_ready()
    qtbot.waitUntil(lambda: bool(model.asked))
    model.write("Hmm, let me see.", thinking=True)
    qtbot.waitUntil(lambda: card(window).thought.text() == "Thinking …")
    model.write("A stone.")
    model.finish()
    qtbot.waitUntil(lambda: not page_of(window).is_busy())
    shown = card(window)
    assert shown.thought.text() == "Thought for a moment"
    assert not shown.thinking.isVisible()
    shown.thought.click()
    assert shown.thinking.isVisible()
    assert shown.thinking.plain_text() == "Hmm, let me see."
    assert shown.body.plain_text() == "A stone."
    say(window, "And why?")
    answered(window, openers, qtbot)
    assert model.asked[-1].messages[1].content == "A stone."


def test_answer_again_and_edit_replace_the_last_exchange(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    model = answered(window, openers, qtbot, "A stone.")
    page = page_of(window)
    page.transcript.views[-1].again.click()
    answered(window, openers, qtbot, "A rock.")
    assert [turn.content for turn in model.asked[-1].messages] == ["What is it?"]
    assert card(window).body.plain_text() == "A rock."
    page.transcript.views[-1].edit.click()
    assert page.composer.toPlainText() == "What is it?"
    say(window, "What was it?")
    answered(window, openers, qtbot, "A pebble.")
    (conversation,) = kept(window)
    (exchange,) = conversation["exchanges"]
    assert exchange["question"] == "What was it?"
    assert [one["text"] for one in exchange["answers"]] == ["A pebble."]


def test_a_refusal_stands_in_the_answer_with_its_next_step(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    openers.error = UserFacingError("serving.card_in_use", "“train-003” uses it.", "Wait.", "why")
    say(window, "What is it?")
    qtbot.waitUntil(lambda: not page_of(window).is_busy())
    assert card(window).error.what.text() == "“train-003” uses it."
    assert card(window).error.todo.text() == "Wait."
    openers.error = None
    card(window).error._actions[0].click()
    answered(window, openers, qtbot, "A stone.")
    assert card(window).body.plain_text() == "A stone."
    assert len(kept(window)[0]["exchanges"]) == 1


def test_a_model_that_dies_says_so_and_is_loaded_again(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    openers.last.become_ready()
    qtbot.waitUntil(lambda: bool(openers.last.asked))
    openers.last.write("A st")
    openers.last.fail("The model is gone.", "Send your message again.")
    qtbot.waitUntil(lambda: not page_of(window).is_busy())
    assert card(window).error.what.text() == "The model is gone."
    say(window, "And now?")
    answered(window, openers, qtbot)
    assert len(openers.opened) == 2


def test_a_refused_question_names_its_next_step(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    openers.last.become_ready()
    qtbot.waitUntil(lambda: bool(openers.last.asked))
    openers.last.refuse()
    qtbot.waitUntil(lambda: not page_of(window).is_busy())
    assert card(window).error.todo.text() == "Start a new one."


def test_the_model_gives_way_to_a_training(
    window: WizardWindow, openers: Openers, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(window, "What is it?")
    model = answered(window, openers, qtbot)
    monkeypatch.setattr("gui.chat.holder._other_work", lambda _wanted: "train-003")
    qtbot.waitUntil(lambda: model.closed)
    assert "“train-003”" in window.message.what.text()
    assert page_of(window).talk.holder.state == "off"


def test_unload_lets_the_memory_go(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    say(window, "What is it?")
    model = answered(window, openers, qtbot)
    bar = page_of(window).bar
    assert bar.text.text() == "“tiny” is loaded and takes 0.4 GB."
    bar.unload.click()
    qtbot.waitUntil(lambda: model.closed)
    assert not bar.unload.isVisible()


def test_options_are_sent(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    page = page_of(window)
    page.fold.click()
    page.options.system.setPlainText("Be short.")
    page.options.temperature.setValue(0)
    page.options.length.setValue(64)
    say(window, "What is it?")
    (ask,) = answered(window, openers, qtbot).asked
    assert (ask.temperature, ask.max_tokens) == (0, 64)
    assert ask.messages[0].role == "system"
    assert ask.messages[0].content == "Be short."


def test_thumbs_and_corrections_are_kept(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    model = answered(window, openers, qtbot, "A stone.")
    shown = card(window)
    shown.up.click()
    shown.edit.click()
    shown.correction.field.setPlainText("A rock.")
    shown.correction.save.click()
    assert shown.body.plain_text() == "A rock."
    assert shown.state.text().startswith("Corrected by you.")
    (answer,) = kept(window)[0]["exchanges"][0]["answers"]
    assert (answer["thumb"], answer["text"], answer["corrected"]) == ("up", "A stone.", "A rock.")
    say(window, "And why?")
    answered(window, openers, qtbot)
    assert model.asked[-1].messages[1].content == "A rock."
    shown.up.click()
    assert not shown.up.isChecked()


def test_copy_takes_the_markdown(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    say(window, "What is it?")
    answered(window, openers, qtbot)
    card(window).copy.click()
    assert QGuiApplication.clipboard().text() == ANSWER


def test_a_conversation_is_found_again(
    window: WizardWindow,
    openers: Openers,
    qtbot: QtBot,
    open_window: Callable[[Session], WizardWindow],
) -> None:
    say(window, "What is it?")
    answered(window, openers, qtbot, "A stone.")
    page_of(window).leave()
    window.shut_down()
    window.close()
    root = next(iter(window.session.settings.recent))
    window.session.open_project(Path(root))
    again = open_window(window.session)
    again.show_place(Place.CHAT)
    qtbot.waitUntil(lambda: bool(page_of(again).transcript.views))
    qtbot.waitUntil(lambda: card(again).body.plain_text() == "A stone.")
    assert page_of(again).talk.model.partner == "tune"


def test_conversations_are_renamed_deleted_and_brought_back(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    answered(window, openers, qtbot)
    page = page_of(window)
    page.new.click()
    assert page.transcript.views == []
    kept(window)
    page.past.click()
    history = page.history
    qtbot.waitUntil(lambda: len(history.found) == 1)
    history.list.item(0, 0).setText("Stones")
    qtbot.waitUntil(lambda: kept(window)[0]["title"] == "Stones")
    history.delete.click()
    qtbot.waitUntil(lambda: history.found == [] and window.toast.isVisible())
    assert window.toast.what.text().endswith("” is deleted.")
    assert kept(window) == []
    window.toast.action.click()
    qtbot.waitUntil(lambda: len(history.found) == 1)
    history.delete.click()
    qtbot.waitUntil(lambda: history.found == [])
    window._undo()
    qtbot.waitUntil(lambda: len(history.found) == 1)
    assert history.found[0].headline == "Stones"
    window.footer.primary.click()
    qtbot.waitUntil(lambda: len(page.transcript.views) == 1)
    assert not page.past.isChecked()


def test_a_conversation_becomes_a_markdown_file(
    window: WizardWindow, openers: Openers, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    say(window, "What is it?")
    answered(window, openers, qtbot)
    kept(window)
    page, target = page_of(window), tmp_path / "talk.md"
    page.past.click()
    qtbot.waitUntil(lambda: len(page.history.found) == 1)
    monkeypatch.setattr(
        "gui.chat.history.QFileDialog.getSaveFileName", lambda *_given: (str(target), "")
    )
    page.history.export.click()
    qtbot.waitUntil(target.exists)
    assert "### Probe, run 2" in target.read_text("utf-8")


def test_a_project_that_is_only_read_can_be_talked_to(
    tuned: Session, openers: Openers, open_window: Callable[[Session], WizardWindow], qtbot: QtBot
) -> None:
    root = tuned.require_project().root
    tuned.close()
    owner = Project.open(root).lock()
    try:
        tuned.open_project(root)
        assert tuned.read_only
        window = open_window(tuned)
        window.show_place(Place.CHAT)
        qtbot.waitUntil(lambda: page_of(window).partners is not None)
        say(window, "What is it?")
        answered(window, openers, qtbot)
        window.show_place(Place.LIBRARY)
        assert store.list_conversations(root / "chats") == []
    finally:
        owner.release()


def test_the_library_leads_to_the_chat(
    tuned: Session, openers: Openers, open_window: Callable[[Session], WizardWindow], qtbot: QtBot
) -> None:
    window = open_window(tuned)
    window.sidebar.places[Place.LIBRARY].click()
    library = window.page
    assert isinstance(library, LibraryPage)
    qtbot.waitUntil(lambda: len(library.tunes) == 2)
    library.shelf.cards[1].choose()
    library.chat.click()
    page = page_of(window)
    qtbot.waitUntil(lambda: page.partners is not None)
    assert page.talk.model.models() == ("train-001",)


def test_a_link_is_opened_only_after_a_question(
    window: WizardWindow, openers: Openers, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "gui.chat.transcript.links.QDesktopServices.openUrl",
        lambda url: opened.append(url.toString()),
    )
    page = page_of(window)
    page.transcript.link_chosen.emit("file:///etc/passwd")
    assert "is not opened" in window.toast.what.text()
    page.transcript.link_chosen.emit("https://example.org/x")
    window.message._actions[0].click()
    assert opened == []
    page.transcript.link_chosen.emit("https://example.org/x")
    window.message._actions[1].click()
    assert opened == ["https://example.org/x"]


def test_another_look_keeps_the_model_and_the_conversation(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    openers.last.become_ready()
    qtbot.waitUntil(lambda: bool(openers.last.asked))
    openers.last.write("A st")
    page_of(window).composer.setPlainText("half a question")
    window.restyle()
    openers.last.write("one.")
    openers.last.finish()
    page = page_of(window)
    qtbot.waitUntil(lambda: not page.is_busy())
    assert card(window).body.plain_text() == "A stone."
    assert page.composer.toPlainText() == "half a question"
    assert not openers.last.closed
    assert len(openers.opened) == 1


def test_everything_by_keyboard(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    """Ask, correct, and find the conversation again, without the mouse."""
    page = page_of(window)

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget() or window
        qtbot.keyClick(target, key, modifier)

    def tab_to(wanted: object) -> None:
        for _turn in range(60):
            if QApplication.focusWidget() is wanted:
                return
            press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never reaches {wanted}")

    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.composer)
    qtbot.keyClicks(page.composer, "What is")
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(page.composer, "it?")
    press(Qt.Key.Key_Return)
    model = answered(window, openers, qtbot, "See [this](https://example.org).")
    assert model.asked[0].messages[0].content == "What is\nit?"
    shown = card(window)
    for tool in (shown.copy, shown.up, shown.down, shown.edit):
        tab_to(tool)
    press(Qt.Key.Key_Space)
    assert QApplication.focusWidget() is shown.correction.field
    qtbot.keyClicks(shown.correction.field, "Really. ")
    tab_to(shown.correction.save)
    press(Qt.Key.Key_Space)
    assert shown.body.plain_text().startswith("Really. See this")
    tab_to(page.partner.buttons["both"])
    press(Qt.Key.Key_Space)
    assert page.talk.model.partner == "both"
    for button in (page.partner.tune, page.fold, page.past):
        tab_to(button)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(page.history.found))
    tab_to(page.history.list)
    tab_to(window.footer.primary)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.past.isChecked())
    qtbot.waitUntil(lambda: "Really" in card(window).body.plain_text())
    link = card(window).body._parts[0]
    qtbot.waitUntil(link.isVisible)
    tab_to(link)
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    assert not window.message.isHidden()


def test_corrected_answers_become_examples_beside_those_in_use(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    say(window, "What is it?")
    answered(window, openers, qtbot, "A stone.")
    shown = card(window)
    assert not shown.teach.isVisible()
    shown.corrected.emit("A rock, to be exact.")
    shown.teach.click()
    qtbot.waitUntil(lambda: isinstance(window.page, ExamplesPage))
    examples = window.page
    assert isinstance(examples, ExamplesPage)
    qtbot.waitUntil(lambda: examples.draft is not None and len(examples.draft) == 121)
    assert examples.draft is not None
    names = [Path(source.path).name for source in examples.draft.summary.sources]
    assert names == ["numbers.jsonl", "corrected answers.jsonl"]


def test_answers_and_what_you_think_of_them_are_in_the_record(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    project, page = window.session.require_project(), page_of(window)
    say(window, "What is it?")
    answered(window, openers, qtbot, "A stone.")
    card(window).up.click()
    say(window, "And this?")
    answered(window, openers, qtbot, "A tree.")
    card(window).corrected.emit("A bush.")
    card(window).down.click()
    say(window, "And that?")
    answered(window, openers, qtbot, "A bird.")
    card(window).down.click()
    card(window).down.click()
    page.talk._notes.close()
    with UseRecord(project) as record:
        found = {use.prompt: (use.answer, use.mark, use.edited) for use in record.newest()}
    assert found == {
        "What is it?": ("A stone.", "right", ""),
        "And this?": ("A tree.", "edited", "A bush."),
        "And that?": ("A bird.", None, ""),
    }


def test_nothing_is_recorded_while_the_record_is_off(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    project = window.session.require_project()
    set_record(project, RecordSettings(on=False))
    say(window, "What is it?")
    answered(window, openers, qtbot, "A stone.")
    card(window).up.click()
    page_of(window).talk._notes.close()
    assert not project.use_file.exists()


def ask_blindly(window: WizardWindow, openers: Openers, qtbot: QtBot) -> FakeModel:
    """Ask once more; the base answers "A stone.", the fine-tune "A pebble."."""
    page = page_of(window)
    before = sum(len(model.asked) for model in openers.opened)
    say(window, "What is it?")
    qtbot.waitUntil(lambda: bool(openers.opened) and page.is_busy())
    model = openers.last
    if page.talk.holder.state == "loading":
        model.become_ready()
    qtbot.waitUntil(lambda: len(model.asked) == before + 2)
    for ask in model.asked[-2:]:
        model.write("A stone." if ask.model == "base" else "A pebble.", ask)
        model.finish(ask)
    qtbot.waitUntil(lambda: not page.is_busy())
    return model


def test_two_answers_are_judged_without_their_names(
    window: WizardWindow, openers: Openers, qtbot: QtBot
) -> None:
    page = page_of(window)
    page.partner.buttons["blind"].click()
    assert page.blind.text.text() == "Two answers without names. Say which one is better."
    model = ask_blindly(window, openers, qtbot)
    assert {ask.model for ask in model.asked} == {"base", "train-002"}
    view = page.transcript.views[-1]
    assert [one.name.text() for one in view.cards] == ["Answer A", "Answer B"]
    for one in view.cards:
        said = [one.accessibleName(), *(label.text() for label in one.findChildren(QLabel))]
        assert not any("train" in text or "Base" in text for text in said)
        assert not one.up.isVisible()
    side = next(n for n, one in enumerate(view.cards) if one.body.plain_text() == "A pebble.")
    view.choices[1 - side].click()
    qtbot.waitUntil(lambda: page.blind.text.text().startswith("1 pair judged. Not enough yet"))
    view.choices[side].click()  # the last word counts
    qtbot.waitUntil(lambda: not page.talk.blind._tasks.is_running("pick"))
    (kept_exchange,) = kept(window)[0]["exchanges"]
    assert kept_exchange["blind"]
    assert {one["model"]: one["thumb"] for one in kept_exchange["answers"]} == {
        "train-002": "up", "base": ""
    }  # fmt: skip
    page.blind.end.click()
    qtbot.waitUntil(window.message.isVisible)
    assert window.message.what.text() == "1 pair is not enough to tell which one is better."
    assert {one.name.text() for one in view.cards} == {"Base model", "Probe, run 2"}
    with closing(open_database(window.session.require_project())) as database:
        assert present(database) is None
        rows = database.rows("SELECT model, used FROM trials WHERE used IS NOT NULL")
        assert rows == [("train-002", 1)]


def test_which_side_is_whose_is_drawn(window: WizardWindow, openers: Openers, qtbot: QtBot) -> None:
    page_of(window).partner.buttons["blind"].click()
    for _turn in range(9):
        model = ask_blindly(window, openers, qtbot)
    assert len({ask.model for ask in model.asked[::2]}) == 2  # all alike: once in 256
