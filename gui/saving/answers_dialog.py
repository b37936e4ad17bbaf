"""What a saved form answered, beside the fine-tune's answers to the same held-out questions."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from core.export.saves.listing import SavedForm
from core.export.saves.wording import answers_text, distance_text, folder_text, verdict_word
from core.jobs.likeness import Answered
from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, selectable, set_look, show_badge, text_pane
from gui.kit.scroll import scrolled
from gui.kit.side_by_side import SideBySide
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (860, 640)
_DETAILS_HEIGHT = 160


class AnswersDialog(QDialog):
    """One row of the table, opened."""

    def __init__(self, saved: SavedForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("{form} of “{run}”", form=saved.choice.title, run=saved.run))
        fit_dialog(self, *_SIZE)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        page = QWidget()
        scrolled(page, self._content(saved))
        vbox(
            (page, 1), hbox(1, self.close_button), on=self,
            margins=Space.LARGE, spacing=Space.MEDIUM,
        )  # fmt: skip
        self.close_button.setFocus()

    def _content(self, saved: SavedForm) -> QVBoxLayout:
        column = vbox(spacing=Space.SMALL)
        like = _("Answers like your fine-tune: {verdict}.", verdict=verdict_word(saved))
        column.addWidget(label(like, "heading"))
        column.addWidget(selectable(distance_text(saved)))
        column.addWidget(selectable(folder_text(saved)))
        if saved.details:
            details = text_pane(_("Details"), saved.details, role="mono")
            details.setFixedHeight(_DETAILS_HEIGHT)
            column.addWidget(details)
        for one in saved.result.answers if saved.result is not None else ():
            column.addWidget(_AnsweredCard(one))
        column.insertWidget(1, label(answers_text(saved) or "", "muted"))
        column.addStretch(1)
        return column


class _AnsweredCard(QFrame):
    """A question with both answers."""

    def __init__(self, one: Answered, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        question = label(one.question, "strong")
        badge = label("", wrap=False)
        beside = SideBySide()
        beside.add(_side(_("Your fine-tune"), one.wanted, ended=one.wanted_ended))
        beside.add(_side(_("Saved form"), one.answer, ended=one.ended))
        vbox(
            Flow(question, badge, stretch=question),
            beside,
            on=self,
            margins=Space.MEDIUM,
            spacing=Space.SMALL,
        )
        if one.same:
            show_badge(badge, _("= same words"), "good")
        else:
            show_badge(badge, _("≠ other words"), "neutral")


def _side(name: str, text: str, *, ended: bool) -> QWidget:
    made = QWidget()
    end = _("Ended by itself.") if ended else _("Cut off here, at the limit of this check.")
    vbox(
        label(name, "small"), selectable(text), label(end, "muted"), 1,
        on=made, margins=0, spacing=Space.TINY,
    )  # fmt: skip
    return made
