"""About: the version, whose work it stands on, and a report that can be copied for support."""

from __future__ import annotations

import json
import platform
import sys
from importlib import metadata, resources

from PySide6.QtCore import Signal, qVersion
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from core import __version__, language
from core.doctor.examination import glance, without_home
from core.doctor.examination import report as doctor_report
from core.errors import UserFacingError
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon, pixmap
from gui.kit.labels import announce, label, selectable, set_look
from gui.kit.look.sizes import Space
from gui.kit.theme import application
from gui.shell.help.recent_log import recent_log
from gui.shell.help.sheet import Sheet

_PACKAGES = (
    "PySide6_Essentials", "pyqtgraph", "torch", "transformers", "peft", "bitsandbytes", "numpy",
)  # fmt: skip


class AboutSheet(Sheet):
    """Version, licences, and the report.

    Attributes:
        update_wanted: the dialog about new versions is wanted.
    """

    update_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("About Homelab Tuner"), parent)
        self._tasks = Tasks(self)
        self.copy = QPushButton(f" {_('Copy log for support')}")
        self.copy.setIcon(icon("log"))
        self.copy.clicked.connect(self.copy_report)
        self.said = label("", "muted")
        sign = QLabel()
        sign.setPixmap(pixmap("app", "", 56))
        version = selectable(_("Version {version}", version=__version__), "muted")
        facts = label(_("Fine-tune a language model with your own examples, on your own computer."))
        head = hbox(sign, (vbox(version, facts, 1, spacing=Space.TINY), 1), spacing=Space.CARD)
        support = label(
            _(
                "The log holds versions, a check of this computer and the last messages. It goes "
                "to the clipboard only. Read it before you send it."
            ),
            "muted",
        )
        content = vbox(
            head, support, self.said, label(_("Licences"), "heading"), _licences(), 1,
            spacing=Space.MEDIUM,
        )  # fmt: skip
        self.update_button = QPushButton(_("New versions …"))
        self.update_button.clicked.connect(self.update_wanted)
        self.fill(content, self.copy, self.update_button)

    def copy_report(self) -> None:
        """Examine the computer and put the report on the clipboard."""
        self.copy.setEnabled(False)
        self.said.setText(_("Checking this computer …"))
        self._tasks.start("report", report, self._copied, self._failed)

    def _copied(self, text: str) -> None:
        application().clipboard().setText(text)
        self._end(_("Copied to the clipboard."))

    def _failed(self, error: UserFacingError) -> None:
        application().clipboard().setText(f"{versions()}\n{error.details}\n{log_lines()}")
        self._end(error.what)

    def _end(self, text: str) -> None:
        self.copy.setEnabled(True)
        self.said.setText(text)
        announce(self.said, text)

    def done(self, result: int) -> None:
        """Wait for the check."""
        self._tasks.shut_down()
        super().done(result)


def versions() -> str:
    """Return what runs here, one a line."""
    python, screen = platform.python_version(), application().platformName()
    lines = [
        f"Homelab Tuner {__version__}",  # not shown: for support
        f"{platform.platform()}, Python {python}, Qt {qVersion()}",  # not shown: for support
        f"language {language.current()}, screen {screen}",  # not shown: for support
    ]
    for name in _PACKAGES:
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name} is missing")  # not shown: for support
    return "\n".join(lines)


def log_lines() -> str:
    """Return the last messages without the user's name in paths."""
    return without_home("\n".join(recent_log.lines()))


def report() -> str:
    """Return the whole report, in English where it can be."""
    found = doctor_report(glance())
    checks = json.dumps(found, indent=1, ensure_ascii=False)
    lines = log_lines() or "nothing was logged"  # not shown: for support
    return without_home(f"{versions()}\n\n{checks}\n\n{lines}\n")


def _licences() -> QFrame:
    frame = QFrame()
    set_look(frame, card="true")
    notice = resources.files("resources").joinpath("NOTICE").read_text("utf-8")
    own = label(_("Homelab Tuner is free software under the Apache License 2.0."))
    made_with = selectable(_made_with(), "small")
    paragraphs = (" ".join(part.split()) for part in notice.split("\n\n"))
    parts = selectable("\n\n".join(paragraphs), "small")
    vbox(own, made_with, parts, on=frame, margins=Space.CARD, spacing=Space.MEDIUM)
    return frame


def _made_with() -> str:
    """Return the libraries that are installed here, with their licences."""
    lines = []
    for name in _PACKAGES:
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        keys = ("License-Expression", "License")  # not shown: names of fields
        held = next((about[key] for key in keys if key in about), "")
        licence = held.splitlines()[0][:60] if held else ""
        lines.append(f"{name} {metadata.version(name)} · {licence}")
    lines.append(f"Python {sys.version.split()[0]} · PSF-2.0")  # not shown as a sentence: names
    return "\n".join(lines)
