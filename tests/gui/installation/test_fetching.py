from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from core.events import Failed, Finished, Notice, Progress, Transfer
from core.jobs.link import Request
from core.project import RunFolder
from gui.installation.fetching import FetchingDialog
from gui.kit.boxes import vbox


class _Dialog(FetchingDialog):
    def __init__(self, folder: RunFolder) -> None:
        super().__init__("Fetch", folder, None)
        self.cancel = self._request("Cancel", Request.CANCEL)
        self.last: Finished | Failed | None = None
        self._stack(vbox(QLabel("What it is."), self.bar, self.note), self.pause, self.cancel)

    def _ended(self, last: Finished | Failed) -> None:
        self.last = last


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the job is asked for; it runs as long as nobody lets it go."""
    told: list[str] = []
    fake = SimpleNamespace(
        follow=lambda folder, params: told.append(f"follow {folder.root.name} {params}"),
        ask=lambda request: told.append(request.name),
        let_go=lambda: told.append("let go"),
        is_running=lambda: bool(told) and told[-1] != "let go",
        event=SimpleNamespace(connect=lambda _: None),
        ended=SimpleNamespace(connect=lambda _: None),
    )
    monkeypatch.setattr("gui.installation.fetching.FollowedJob", lambda _parent: fake)
    return told


@pytest.fixture
def dialog(asked: list[str], tmp_path: Path, qtbot: QtBot) -> Iterator[_Dialog]:
    made = _Dialog(RunFolder(tmp_path / "job"))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.done(0)


def test_bar_and_requests_are_there_while_the_job_runs(dialog: _Dialog, asked: list[str]) -> None:
    assert not dialog._is_alive()
    assert not any(part.isVisible() for part in (dialog.bar, dialog.pause, dialog.cancel))
    dialog.message.say("good", "From before.")
    dialog._follow(None)
    assert asked == ["follow job None"] and not dialog.message.isVisible()
    assert all(part.isVisible() for part in (dialog.bar, dialog.pause, dialog.cancel))


@pytest.mark.parametrize(("name", "request_name"), [("pause", "STOP"), ("cancel", "CANCEL")])
def test_one_request_at_a_time(
    dialog: _Dialog, asked: list[str], name: str, request_name: str
) -> None:
    dialog._follow(None)
    getattr(dialog, name).click()
    assert asked[-1] == request_name
    assert not dialog.pause.isEnabled() and not dialog.cancel.isEnabled()
    dialog._show_state()
    assert dialog.pause.isEnabled() and dialog.cancel.isEnabled()


def test_what_it_tells_is_shown(dialog: _Dialog) -> None:
    dialog._take(Notice(code="x", text="Waiting for the disk."))
    assert dialog.note.text() == "Waiting for the disk."
    dialog._take(Progress(phase="Unpacking"))
    assert dialog.note.text() == "Unpacking" and dialog.bar.maximum() == 0
    dialog._take(Transfer(file="a.whl", done=1, total=4))
    assert dialog.bar.value() == dialog.bar.maximum() // 4


def test_a_refusal_is_said(dialog: _Dialog) -> None:
    dialog._refused(UserFacingError("x", "No room.", "Make some."))
    assert dialog.message.isVisible() and dialog.message.what.text() == "No room."


def test_the_job_outlives_the_dialog(dialog: _Dialog, asked: list[str]) -> None:
    dialog._follow(None)
    close = next(b for b in dialog.findChildren(QPushButton) if "Close" in b.text())
    close.click()
    assert asked[-1] == "let go" and Request.CANCEL.name not in asked
