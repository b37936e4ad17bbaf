"""Bring the window up: one application object, one instance, a net for bugs."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from core.errors import UserFacingError
from core.language import _
from core.opening import was_never_shown
from gui.desktop.accessible_tree import mend_scroll_areas
from gui.desktop.background import Background
from gui.desktop.garbage import GarbageCollection
from gui.desktop.opened_files import OpenedFiles
from gui.desktop.single_instance import be_the_only_one
from gui.desktop.system_look import SystemLook
from gui.desktop.warm_up import WarmUp
from gui.desktop.weekly_look import WeeklyLook
from gui.input.return_key import ReturnKey
from gui.input.undo_key import UndoKey
from gui.input.wheel import Wheel
from gui.jobs.task_thread import wait_for_tasks
from gui.kit.icons import forget_pixmaps, icon
from gui.kit.theme import apply_theme
from gui.shell.error_dialog import ErrorDialog
from gui.shell.help.recent_log import keep_log
from gui.shell.localisation import localise
from gui.shell.window import WizardWindow
from gui.wizard.session import Session

_TURN_SECONDS = 0.0005
_log = logging.getLogger(__name__)


def run_window(arguments: list[str], files: Sequence[Path] = ()) -> int:
    """Open the window with the files, or raise the one that is open; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would not notice Ctrl-C
    QCoreApplication.setApplicationName("homelab-tuner")
    keep_log()
    app = QApplication(arguments)
    app.setApplicationDisplayName("Homelab Tuner")  # not shown as a sentence: a name
    app.setDesktopFileName("homelab-tuner")
    mend_scroll_areas()
    instance = be_the_only_one(files)  # before the window, which takes its time
    if instance is None:
        told = _("Homelab Tuner is already open. Its window comes to the front.")
        sys.stderr.write(f"{told}\n")
        return 0
    window = open_window(app, Session())
    habits = (ReturnKey(), UndoKey(), Wheel())
    for habit in habits:  # after the window: each sees every event, also those of its making
        app.installEventFilter(habit)
    garbage = GarbageCollection(app)
    garbage.start()
    warm_up = WarmUp()
    QTimer.singleShot(0, warm_up.start)  # after the first picture
    background = Background(app, window)
    system_look = SystemLook(app, window)
    opened = OpenedFiles(app, window)
    instance.opened.connect(opened.take)
    opened.take(files)
    weekly = WeeklyLook(window)
    weekly.start()
    instance.wanted.connect(background.come_back)
    app.commitDataRequest.connect(window.closing.log_out)
    code = app.exec()
    warm_up.end()
    garbage.end()
    instance.close()
    weekly.shut_down()
    system_look.shut_down()
    background.shut_down()
    window.shut_down()
    wait_for_tasks()
    forget_pixmaps()
    return code


def open_window(app: QApplication, session: Session) -> WizardWindow:
    """Make and show the window with the project that was open last."""
    # A thread that reads a long history would else keep the window waiting 5 ms at every turn.
    sys.setswitchinterval(_TURN_SECONDS)
    localise(app)
    apply_theme(app, session.settings.appearance, session.settings.text_scale)
    app.setWindowIcon(icon("app"))
    trouble = reopen_last(session)
    window = WizardWindow(session)
    sys.excepthook = lambda kind, error, trace: show_bug(window, kind, error, trace)
    window.show()
    if trouble is not None:
        window.message.say_error(trouble)
    else:
        QTimer.singleShot(0, window, window.overlays.first_tour)
    return window


def reopen_last(session: Session) -> UserFacingError | None:
    """Open the newest recent project; return why that failed, if it did and is worth telling."""
    if not session.settings.recent:
        return None
    root = Path(session.settings.recent[0])
    if session.project is None and was_never_shown(root):
        return UserFacingError(
            "project.not_reopened",
            _(
                "“{project}” was not reopened: last time, the window closed before it could show "
                "the project.",
                project=root.name,
            ),
            _("Open it below if you know where it comes from."),
        )
    try:
        session.open_project(root)
    except UserFacingError as error:
        return error
    return None


def show_bug(
    window: WizardWindow,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Report an exception that nothing handled; the window stays open."""
    if issubclass(kind, KeyboardInterrupt):
        window.close()
        return
    if isinstance(error, UserFacingError):
        window.message.say_error(error)
        return
    details = "".join(traceback.format_exception(kind, error, trace))
    _log.error("unforeseen\n%s", details)
    bug = UserFacingError(
        "window.bug",
        _("Something unexpected went wrong in the application."),
        _("Your project is saved. Continue, or restart the application if it behaves oddly."),
        details,
    )
    ErrorDialog(bug, window).open()
