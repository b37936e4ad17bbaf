"""What the page Chat is made of, and where it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedWidget, QWidget

from core.language import _
from gui.chat.blind import BlindBar
from gui.chat.composer import Composer
from gui.chat.history import History
from gui.chat.model_bar import ModelBar
from gui.chat.options import OptionsPanel
from gui.chat.partner_choice import PartnerChoice
from gui.chat.transcript.view import Transcript
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.page import Page
from gui.wizard.session import Session

_LEAST_HEIGHT = 90


class ArrangedChat(Page):
    """The partner above; then the answers, earlier conversations or options; the question below."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._make_parts()
        self.fold.toggled.connect(self._show_options)
        self.past.toggled.connect(self._show_past)
        self._lay_out()

    def _make_parts(self) -> None:
        self.partner = PartnerChoice()
        self.fold = QPushButton(_("Options"))
        self.fold.setCheckable(True)
        self.past = QPushButton(_("Conversations"))
        self.past.setCheckable(True)
        self.new = QPushButton(_("New chat"))
        self.options = OptionsPanel()
        self.bar = ModelBar()
        self.blind = BlindBar()
        self.blind.hide()
        self.transcript = Transcript()
        self.history = History()
        self.composer = Composer()
        self.views = QStackedWidget()
        self.views.addWidget(self.transcript)
        self.views.addWidget(self.history)
        folded = QWidget()
        scrolled(folded, vbox(self.options, 1))
        self.views.addWidget(folded)
        for view in (self.transcript, self.history, folded):  # what is hidden needs no room
            view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.views.setMinimumHeight(_LEAST_HEIGHT)

    def _lay_out(self) -> None:
        vbox(
            Flow(self.partner, self.fold, self.past, self.new, stretch=self.partner, letters=36),
            self.bar,
            self.blind,
            (self.views, 1),
            self.composer,
            on=self,
            margins=(0, Space.SMALL, 0, Space.SMALL),
            spacing=Space.SMALL,
        )

    def _show_options(self, shown: bool) -> None:
        if shown:
            self.past.setChecked(False)
        self.views.setCurrentIndex(2 if shown else 0)

    def _show_past(self, shown: bool) -> None:
        if shown:
            self.fold.setChecked(False)
        self.views.setCurrentWidget(self.history if shown else self.transcript)
        self.composer.setVisible(not shown)

    def works_read_only(self) -> bool:
        """Asking changes nothing in the project."""
        return True

    def begins_with_verb(self) -> bool:
        """Begin where the question is written."""
        return False

    def focus_first(self) -> bool:
        """Go where the question is written."""
        target = self.history.list if self.past.isChecked() else self.composer
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        return True
