"""A link that a model wrote is opened only after a question."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.language import _
from gui.kit.question import Question

_OPENS = ("http", "https", "mailto")  # not shown: schemes


def link_question(address: str) -> Question | None:
    """Return the question whether to open it, ``None`` for what is never opened."""
    url = QUrl(address)
    if url.scheme() not in _OPENS:
        return None
    return Question(
        _("Open “{address}” in your browser?", address=address[:500]),
        _("A model wrote this link. It may lead anywhere."),
        ((_("Do not open"), lambda: None), (_("Open"), lambda: _open(url))),
    )


def _open(url: QUrl) -> None:
    QDesktopServices.openUrl(url)
