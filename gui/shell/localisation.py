"""Qt in the language of the application: its own texts, numbers in fields, reading direction."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from core import language
from core.language import _

_NAME = "qtbase"
_KEYS = "QShortcut"  # names of keys, which are also read
_PSEUDO = frozenset({language.PSEUDO, language.PSEUDO_MIRRORED})


class PseudoTranslator(QTranslator):
    """Shows which of Qt's own texts appear in the window, and where they are cut."""

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's own name
        disambiguation: str | None = None,  # noqa: ARG002 - its signature
        n: int = -1,  # noqa: ARG002 - its signature
    ) -> str:
        """Return the text as the application's own texts look."""
        return sourceText if context == _KEYS else str(_(sourceText))


def localise(app: QApplication) -> None:
    """Let Qt follow the present language: its texts, its numbers, and where a line begins."""
    QLocale.setDefault(_locale())
    for old in app.findChildren(QTranslator, _NAME):
        QCoreApplication.removeTranslator(old)
        old.deleteLater()
    translator = _translator(app)
    translator.setObjectName(_NAME)
    QCoreApplication.installTranslator(translator)
    mirrored = language.right_to_left()
    direction = Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
    app.setLayoutDirection(direction)


def _translator(parent: QObject) -> QTranslator:
    if language.current() in _PSEUDO:
        return PseudoTranslator(parent)
    translator = QTranslator(parent)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator.load(f"{_NAME}_{language.current()}", folder)
    return translator


def _locale() -> QLocale:
    """Return the system's locale where it has the language, for its variant of the numbers."""
    now = language.current()
    wanted = QLocale(language.SOURCE if now in _PSEUDO else now)
    system = QLocale.system()
    return system if system.language() is wanted.language() else wanted
