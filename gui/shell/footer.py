"""Below the page: Back, what is missing, and one verb."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from core.language import N_, _
from gui.kit.boxes import hbox
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.look.column import Column
from gui.kit.theme import Space
from gui.wizard.page import Page

_LOOK = N_("You can look here, but not change anything.")


class Footer(Column):
    """Three buttons, and a hint beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("footer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back = QPushButton(_("Back"))
        self.back.setProperty("kind", "quiet")
        self.hint = label("", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.secondary = QPushButton()
        self.primary = QPushButton()
        self.primary.setProperty("kind", "primary")
        right = QWidget()
        right.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        right.setLayout(
            Flow(
                self.hint, self.secondary, self.primary,
                stretch=self.hint, at_end=True, spacing=Space.MEDIUM,
            )
        )  # fmt: skip
        hbox(
            (self.back, 0, Qt.AlignmentFlag.AlignBottom),
            (right, 1),
            on=self,
            margins=(Space.HUGE, Space.MEDIUM),
            spacing=Space.MEDIUM,
        )

    def show_page(self, page: Page, *, writes: bool, back: bool) -> None:
        """Show what can be done on a page.

        Args:
            writes: whether the page may change the project.
            back: whether there is a page before it.
        """
        self.primary.setText(page.primary_text())
        self.primary.setVisible(bool(page.primary_text()))
        self.primary.setEnabled(page.is_ready() and writes)
        self.secondary.setText(page.secondary_text())
        self.secondary.setVisible(bool(page.secondary_text()))
        self.secondary.setEnabled(writes and not page.is_busy())
        self.hint.setText(page.hint() if writes else _(_LOOK))
        self.hint.setVisible(bool(self.hint.text()))
        self.back.setEnabled(back)
