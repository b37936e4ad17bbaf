"""One kind of finding: how many rows, why it matters, Fix, Ignore, undo."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from core.data.cleaning import Choices
from core.data.draft import Draft
from core.data.findings.frames import Frame
from core.data.findings.kinds import HARMFUL, INFO, Action, Kind
from core.language import N_, _, ngettext
from gui.examples.findings.edit_history import edit_in_words, fix_label, ignore_label
from gui.examples.findings.rows import FindingRows, undecided_rows
from gui.kit.boxes import hbox, vbox
from gui.kit.choice_button import ChoiceButton
from gui.kit.flow import Flow
from gui.kit.icons import icon, pixmap
from gui.kit.labels import SteadyLabel, label, set_look, stacked
from gui.kit.theme import Space, Tone, colors
from gui.wizard.part_sheet import PartSheet

_SERIOUS = frozenset({Kind.MALFORMED_ROW, Kind.UNLEARNABLE})
_ROW_BY_ROW = N_("Decided row by row.")


class FindingCard(QFrame):
    """The card of one kind.

    Attributes:
        action_chosen: the user wants this ``Action`` for this kind.
        row_chosen: the user decided about one row: its number and a ``RowAction``, or ``None``
            to take the decision back.
        undone: the user takes the last decision back, which was about this kind.
    """

    action_chosen = Signal(object, object)
    row_chosen = Signal(int, object)
    undone = Signal()

    def __init__(self, kind: Kind, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._draft = draft
        self._choices = Choices()
        self._last = ""
        self._is_open = kind in HARMFUL
        info = INFO[kind]
        self._count = draft.summary.findings.get(kind, 0)
        title = info.title
        self.headline = label(
            _("{count:,} × {finding}", count=self._count, finding=title), "strong"
        )
        self.status = SteadyLabel(self._all_that_may_happen(), "small")
        self._tick = QLabel()
        self.undo = QPushButton(_("Undo"))
        self.undo.setProperty("kind", "link")
        self.undo.setAccessibleName(_("{action}: {finding}", action=_("Undo"), finding=title))
        self.undo.clicked.connect(self.undone)
        self.undo.hide()
        keeping = self.undo.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # what lies below the card never jumps
        self.undo.setSizePolicy(keeping)
        self.view = QPushButton(_("View before and after"))
        self.view.setCheckable(True)
        self.view.setProperty("kind", "link")
        self.view.toggled.connect(self._toggle_view)
        self.fix = ChoiceButton(self._fix_in_words())
        self.fix.clicked.connect(lambda: self._choose(info.fix))
        self.ignore = ChoiceButton(ignore_label(kind))
        self.ignore.clicked.connect(lambda: self._choose(Action.IGNORE))
        for button in (self.view, self.fix, self.ignore):
            button.setAccessibleName(_("{action}: {finding}", action=button.text(), finding=title))
        for button in (self.fix, self.ignore):  # the one that is in force looks pressed
            button.setProperty("kind", "small")
            _keep_room_for_tick(button)
            if not info.is_optional:
                button.hide()  # showing it here, without a parent, would open a window for it
        self._lay_out(info.why)

    @cached_property
    def rows(self) -> FindingRows:
        """The rows one by one; made on demand, since a page may hold many cards."""
        made = FindingRows(self.kind, self._draft)
        made.row_chosen.connect(self.row_chosen)
        made.action_chosen.connect(self._choose)
        made.show_choices(self._choices)
        return made

    @cached_property
    def sheet(self) -> PartSheet:
        """The window in which they are shown."""
        made = PartSheet(self.headline.text(), self.rows, self)
        made.went.connect(lambda: self.view.setChecked(False))
        return made

    def _lay_out(self, why: str) -> None:
        state = hbox(
            (self._tick, 0, Qt.AlignmentFlag.AlignTop),
            (self.status, 1),
            spacing=Space.SMALL,
        )
        buttons = Flow(self.fix, self.ignore, self.view, self.undo)
        told: list[QWidget] = [label(why, "small"), *map(_shown_frame, self._frames())]
        vbox(
            self.headline,
            *told,
            state,
            buttons,
            on=self,
            margins=(Space.CARD, Space.MEDIUM),
            spacing=Space.TINY,
        )

    def show_choices(
        self, choices: Choices, last: str = "", undecided: Collection[Kind] | None = None
    ) -> None:
        """Say what happens to the rows, and colour the card by it.

        Args:
            last: names the decision that undo takes back.
            undecided: kinds that can do harm in rows about which nothing was decided, neither for
                the kind nor for the row; worked out from the kinds alone where it is not given.
        """
        self._choices = choices
        self._last = last
        action = choices.action(self.kind)
        done = action is not Action.IGNORE
        is_open = choices.is_open(self.kind)
        if undecided is not None:
            is_open = self.kind in undecided
        self._is_open = is_open
        self.fix.setChecked(done)
        self.ignore.setChecked(not done and not choices.is_open(self.kind))
        for button in (self.fix, self.ignore):  # a tick, since a frame alone could be the keyboard
            button.setIcon(icon("check") if button.isChecked() else QIcon())
        self.status.setText(self._what_happens(action, is_open=is_open))
        tone: Tone = "neutral"
        if not done:
            tone = "problem" if is_open or self.kind in _SERIOUS else "warning"
            if self.kind in choices.actions and self.kind not in HARMFUL:
                tone = "neutral"  # you have decided so
            elif choices.is_open(self.kind) and not is_open:
                tone = "good"  # you have decided about each row
        elif action is Action.FIX or action is Action.DROP:
            tone = "good"
        self._show_tick(tone)
        self.undo.setVisible(last in {edit_in_words(self.kind, one) for one in Action})
        set_look(self, card=tone)
        self.setAccessibleName(self.sentence(choices))
        if "rows" in self.__dict__:
            self.rows.show_choices(choices)

    def sentence(self, choices: Choices) -> str:
        """Return what was found and what happens to it."""
        kind = self.kind
        is_open = choices.is_open(kind) and self._is_open
        said = self._what_happens(choices.action(kind), is_open=is_open)
        title = self.headline.text()
        left = undecided_rows(self._draft.rows_of(kind), choices)
        if choices.action(kind) is not Action.IGNORE and 0 < left < self._count:
            title = _("{count:,} × {finding}", count=left, finding=INFO[kind].title)
        return _("{title}. {text}", title=title, text=said)

    def _show_tick(self, tone: Tone) -> None:
        """Put a sign beside what happens: a tick for what is done."""
        sign = {"good": "check", "neutral": "info"}.get(tone, tone)
        self._tick.setPixmap(pixmap(sign, colors().of(tone), 16))
        set_look(self.status, tone=tone)

    def _choose(self, action: Action) -> None:
        self.action_chosen.emit(self.kind, action)
        self.show_choices(self._choices, self._last)  # a second press on it changes nothing

    def _what_happens(self, action: Action, *, is_open: bool) -> str:
        if is_open:
            return self._nothing_decided()
        if self._choices.is_open(self.kind):
            return _(_ROW_BY_ROW)
        return self._after(action)

    def _nothing_decided(self) -> str:
        return ngettext(
            "Nothing is decided yet. The model would learn it.",
            "Nothing is decided yet. The model would learn them.",
            self._count,
        )

    def _after(self, action: Action) -> str:
        count = self._count
        if action is Action.IGNORE:
            return ngettext("It stays as it is.", "They stay as they are.", count)
        if action is Action.FIX and self.kind in HARMFUL:
            return self._hidden()
        if action is Action.FIX and INFO[self.kind].fix is Action.FIX:
            return self._repaired()
        return ngettext("It is left out.", "They are left out.", count)

    def _frames(self) -> tuple[Frame, ...]:
        return self._draft.summary.frames if self.kind is Kind.FRAME else ()

    def _fix_in_words(self) -> str:
        if self._frames():  # where they stand is said above
            return ngettext(
                "Remove from {count:,} answer", "Remove from {count:,} answers", self._count
            )
        return fix_label(self.kind)

    def _all_that_may_happen(self) -> set[str]:
        told = {self._after(one) for one in Action}
        if self.kind in HARMFUL:
            told |= {self._nothing_decided(), _(_ROW_BY_ROW)}
        return told

    def _hidden(self) -> str:
        if self.kind is Kind.PERSONAL_DATA:
            return _(
                "E-mail addresses and numbers are hidden from the model; names and streets are not."
            )
        return ngettext(
            "It is hidden from the model.", "They are hidden from the model.", self._count
        )

    def _repaired(self) -> str:
        if self.kind is Kind.FRAME:
            return _("It is removed. The rest of each answer stays.")
        if self.kind in (Kind.BROKEN_TEXT, Kind.ROLE_ORDER):
            return ngettext(
                "It is repaired, or left out if it cannot be.",
                "They are repaired, or left out if they cannot be.",
                self._count,
            )
        return ngettext("It is repaired.", "They are repaired.", self._count)

    def _toggle_view(self, shown: bool) -> None:
        if shown:
            self.sheet.open_beside()
            self.rows.go(self.rows.place)
        else:
            self.sheet.hide()


def _shown_frame(frame: Frame) -> QWidget:
    at_the_end = ngettext("{count:,} answer ends with:", "{count:,} answers end with:", frame.count)
    at_the_start = ngettext(
        "{count:,} answer begins with:", "{count:,} answers begin with:", frame.count
    )
    said = at_the_end if frame.place == "end" else at_the_start
    return stacked(label(said, "small"), label(frame.text))


def _keep_room_for_tick(button: QPushButton) -> None:
    """Make it as large without a tick as with one."""
    button.setIcon(icon("check"))
    button.setMinimumSize(button.sizeHint())
    button.setIcon(QIcon())
