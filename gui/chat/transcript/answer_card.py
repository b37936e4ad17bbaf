"""One answer: who wrote it, its reasoning folded, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.conversations.conversation import Answer
from core.conversations.export import NO_NAMES, name_of
from core.language import _, ngettext
from core.wording import duration
from gui.chat.transcript.correction import Correction
from gui.chat.transcript.later import Later
from gui.chat.transcript.markdown_view import MarkdownView
from gui.chat.view_model import LiveAnswer
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space
from gui.kit.tool_button import choice_tool_button, tool_button

_LEAST_WIDTH = 230


class AnswerCard(QFrame):
    """Shows an answer that is being written, or one that is kept.

    Attributes:
        thumbed: ``"up"`` or ``"down"``.
        corrected: the text that the answer should have had.
        again: it failed and is to be tried again.
        taught: corrected answers are to become examples.
        link_chosen: the address of a link in it.
    """

    thumbed = Signal(str)
    corrected = Signal(str)
    again = Signal()
    taught = Signal()
    link_chosen = Signal(str)

    def __init__(self, model: str, alias: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.is_blind = bool(alias)
        self._names = NO_NAMES
        self.name = label(alias or name_of(model), "small")
        self._name_it()
        self.model = model
        self._taken = (0, 0)  # pieces of text and of reasoning that are shown
        self._text = ""
        self.body = MarkdownView()
        self.body.link_chosen.connect(self.link_chosen)
        self.thinking = MarkdownView()
        self.thinking.link_chosen.connect(self.link_chosen)
        self.thinking.hide()
        self.thought = QPushButton()
        self.thought.setProperty("kind", "link")
        self.thought.setCheckable(True)
        self.thought.toggled.connect(self._fold)
        self.thought.hide()
        self._folded_view = vbox(self.thinking, margins=(Space.MEDIUM, 0, 0, 0))
        self.state = label("", "small")
        self.teach = QPushButton(_("Use corrected answers as examples"))
        self.teach.setProperty("kind", "link")
        self.teach.clicked.connect(self.taught)
        self.teach.hide()
        self.error = MessageBar(dismissable=False)
        self.correction = Correction()
        self.correction.given.connect(self._correct)
        self.correction.dropped.connect(self._leave_correction)
        self._make_tools()
        self._lay_out()
        self._show_tools(on=False)

    def _make_tools(self) -> None:
        self.copy = tool_button("copy", _("Copy the answer"), self._copy)
        self.up = choice_tool_button("thumb-up", _("Good answer"))
        self.up.clicked.connect(lambda _on=False: self.thumbed.emit("up"))
        self.down = choice_tool_button("thumb-down", _("Bad answer"))
        self.down.clicked.connect(lambda _on=False: self.thumbed.emit("down"))
        self.edit = tool_button("edit", _("Correct the answer …"), self.begin_correction)

    def _lay_out(self) -> None:
        self.name.setMinimumHeight(self.copy.sizeHint().height())  # also while there are no tools
        tools = (self.copy, self.up, self.down, self.edit)
        head = hbox((self.name, 1), *tools, margins=0, spacing=0)
        vbox(
            head,
            self.thought,
            self._folded_view,
            self.body,
            self.correction,
            self.error,
            Flow(self.state, self.teach, stretch=self.state),
            1,
            on=self,
            margins=(Space.MEDIUM, Space.SMALL, Space.SMALL, Space.SMALL),
            spacing=Space.SMALL,
        )

    def show_answer(self, answer: Answer, later: Later | None = None) -> None:
        """Show an answer that is kept; ``later`` draws its text."""
        self._text = answer.shown
        self.body.show_text(answer.shown, later)
        if answer.thinking:
            self.thinking.show_text(answer.thinking, later)
            self._say_thought(answer.thought_seconds, over=True)
        self.show_judgement(answer)
        self._show_tools(on=True)

    def show_judgement(self, answer: Answer) -> None:
        """Show what you thought of it, and your correction."""
        self.up.setChecked(answer.thumb == "up")
        self.down.setChecked(answer.thumb == "down")
        if answer.shown != self._text:
            self._text = answer.shown
            self.body.show_text(answer.shown)
        self.teach.setVisible(bool(answer.corrected))
        self.state.setText("" if self.is_blind else quiet_line(answer))
        self.state.setVisible(bool(self.state.text()))

    def follow(self, live: LiveAnswer) -> None:
        """Take what is new in an answer that is being written; :meth:`refresh` draws it."""
        texts, thoughts = self._taken
        for piece in live.thinking[thoughts:]:
            self.thinking.feed(piece)
        for piece in live.text[texts:]:
            self.body.feed(piece)
        self._taken = len(live.text), len(live.thinking)
        if live.is_over:
            self._end(live)
            return
        if live.thinking:
            self._say_thought(live.thought_seconds(), over=bool(live.text))
        self.state.setText("" if live.text or live.thinking else _("Waiting …"))
        self.state.setVisible(bool(self.state.text()))
        self.refresh()

    def refresh(self) -> None:
        """Draw what has come."""
        self.body.refresh()
        if self.thinking.isVisible():
            self.thinking.refresh()

    def _end(self, live: LiveAnswer) -> None:
        self.body.finish()
        self.thinking.finish()
        if live.refused is not None:
            refused = live.refused
            actions = ((_("Try again"), self.again.emit),)
            self.error.say("problem", refused.what, refused.todo, live.details, actions)
            self.state.hide()
            return
        answer = live.answer()
        self._text = answer.text
        if answer.thinking:
            self._say_thought(answer.thought_seconds, over=True)
        self.show_judgement(answer)
        self._show_tools(on=bool(answer.text or answer.thinking))
        announce(self, answer.text[:2000])

    def _say_thought(self, seconds: float, *, over: bool) -> None:
        self.thought.setText(_thought(seconds) if over else _("Thinking …"))
        self.thought.show()

    def _fold(self, shown: bool) -> None:
        self.thinking.setVisible(shown)
        if shown:
            self.thinking.finish()

    def _name_it(self) -> None:
        self.setAccessibleName(_("Answer of {model}", model=self.name.text()))

    def reveal(self) -> None:
        """Show who wrote it."""
        self.is_blind = False
        self.call(self._names)

    def call(self, names: Mapping[str, str]) -> None:
        """Name it as you call your fine-tunes, unless nobody may know whose it is."""
        self._names = names
        if not self.is_blind:
            self.name.setText(name_of(self.model, names))
            self._name_it()

    def _show_tools(self, *, on: bool) -> None:
        self.copy.setVisible(on)
        for tool in (self.up, self.down, self.edit):
            tool.setVisible(on and not self.is_blind)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        announce(self, _("Copied"))

    def begin_correction(self) -> None:
        """Let the answer be edited."""
        self.body.hide()
        self.correction.begin(self._text)
        self._show_tools(on=False)

    def _correct(self, text: str) -> None:
        self._leave_correction()
        self.corrected.emit(text)

    def _leave_correction(self) -> None:
        self.correction.hide()
        self.body.show()
        self._show_tools(on=True)
        self.edit.setFocus()


def _thought(seconds: float) -> str:
    if round(seconds) < 1:
        return _("Thought for a moment")
    return _("Thought for {time}", time=duration(seconds))


def quiet_line(answer: Answer) -> str:
    """Return the time and speed of an answer, and how it ended, in a line."""
    parts = []
    if answer.corrected:
        parts.append(_("Corrected by you."))
    if answer.reason == "cancelled":
        parts.append(_("Stopped."))
    elif answer.reason == "length":
        parts.append(_("Cut off at the longest length."))
    if answer.tokens and answer.seconds > 0:
        parts.append(
            ngettext(
                "{count:,} token in {seconds:.1f} s, {speed:,.0f} tokens/s.",
                "{count:,} tokens in {seconds:.1f} s, {speed:,.0f} tokens/s.",
                answer.tokens,
                seconds=answer.seconds,
                speed=answer.tokens / answer.seconds,
            )
        )
    return " ".join(parts)
