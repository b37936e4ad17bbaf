"""What comes in other than as a file: a table on the clipboard; and the template that goes out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.actions.pasted import save_pasted, write_template
from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io
from gui.examples.drop_area import DropArea
from gui.wizard.page import Page


class Intake(QObject):
    """Keeps what is pasted in the project.

    Attributes:
        pasted: carries the ``Path`` of the file that was made of it.
    """

    pasted = Signal(Path)

    def __init__(self, page: Page, drop: DropArea) -> None:
        super().__init__(page)
        self._page = page
        drop.pasted.connect(self.paste)
        drop.template_wanted.connect(self.write_template)

    def paste(self, text: str) -> None:
        """Take a table that was copied in another program."""
        try:
            path = save_pasted(self._page.session.require_project(), text)
        except UserFacingError as error:
            self._page.failed.emit(error)
            return
        self._page.corrected.emit()
        self.pasted.emit(path)

    def write_template(self, path: Path) -> None:
        """Write a table to be filled in."""
        try:
            with explained_io(path):
                write_template(path)
        except UserFacingError as error:
            self._page.failed.emit(error)
            return
        self._page.told.emit(_("Saved to {path}.", path=str(path)))
