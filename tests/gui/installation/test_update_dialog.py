# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.actions import updates
from core.errors import UserFacingError
from core.installation.kind import Kind
from core.installation.updates.packages import Package, arriving_folder, keep_package, packages
from gui.installation import update_dialog
from gui.installation.update_dialog import UpdateDialog
from tests.core.installation.updates.conftest import Publisher, publisher  # noqa: F401 - fixture
from tests.gui import scenes


@pytest.fixture
def dialog(
    publisher: Publisher,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[UpdateDialog]:
    own = publisher.own
    monkeypatch.setattr(updates, "own_release", lambda: own)
    for module in (updates, update_dialog):
        monkeypatch.setattr(module, "kind_of_installation", lambda: Kind.DEBIAN)
    made = UpdateDialog(weekly=False)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.done(0)


def test_nothing_connects_before_the_button(dialog: UpdateDialog, publisher: Publisher) -> None:
    assert not publisher.index.seen
    assert dialog.look_button.isVisible() and not dialog.fetch.isVisible()
    assert not dialog.open_button.isVisible() and not dialog.back.isVisible()


def test_look_read_download_and_install(
    dialog: UpdateDialog,
    publisher: Publisher,
    qtbot: QtBot,
) -> None:
    publisher.publish("0.2.0", "0.3.0")
    dialog.look_button.click()
    scenes.until(qtbot, dialog.fetch.isVisible)
    assert dialog.state.text() == "Version 0.3.0 is available."
    assert "Better than before 0.2.0." in dialog.changes.text()
    dialog.fetch.click()
    scenes.until(qtbot, lambda: dialog.ready is not None)
    assert dialog.line.text().startswith("sudo apt install") and not dialog.fetch.isVisible()
    dialog.open_button.click()
    assert QApplication.clipboard().text() == dialog.line.text()
    assert [one.version for one in packages()] == ["0.3.0"]


def test_a_paused_download_continues(
    dialog: UpdateDialog,
    publisher: Publisher,
    qtbot: QtBot,
) -> None:
    publisher.publish("0.2.0", size=300_000)
    publisher.index.rate = 300_000
    dialog.look()
    scenes.until(qtbot, dialog.fetch.isVisible)
    dialog.fetch.click()
    scenes.until(qtbot, lambda: dialog.bar.isVisible() and arriving_folder().exists())
    dialog.pause.click()
    scenes.until(qtbot, dialog.fetch.isVisible)
    assert "unfinished download" in dialog.message.what.text()
    publisher.index.rate = 0
    dialog.fetch.click()
    scenes.until(qtbot, lambda: dialog.ready is not None)


def test_the_newest_version_says_so_and_a_refusal_too(
    dialog: UpdateDialog,
    publisher: Publisher,
    qtbot: QtBot,
) -> None:
    publisher.publish("0.1.0")
    dialog.look()
    scenes.until(qtbot, lambda: "newest version" in dialog.message.what.text())
    publisher.index.status = 500
    dialog.look()
    scenes.until(qtbot, lambda: "cannot be reached" in dialog.message.what.text())
    assert dialog.look_button.isEnabled()


def test_the_way_back_is_offered(dialog: UpdateDialog, publisher: Publisher) -> None:
    arriving_folder().mkdir(parents=True)
    (arriving_folder() / "homelab-tuner_0.0.9.deb").write_text("old")
    keep_package(arriving_folder() / "homelab-tuner_0.0.9.deb", "0.0.9")
    dialog._show_state()
    assert dialog.back.text() == "Go back to version 0.0.9"
    dialog.back.click()
    assert "--allow-downgrades" in dialog.line.text()


def test_the_weekly_look_is_switched_by_the_box(dialog: UpdateDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.weekly_switched) as switched:
        dialog.weekly.click()
    assert switched.args == [True]


def test_a_package_is_not_opened_during_a_run(
    dialog: UpdateDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(update_dialog.QDesktopServices, "openUrl", opened.append)
    monkeypatch.setattr(update_dialog, "kind_of_installation", lambda: Kind.WINDOWS)
    dialog._offer_package(Package("0.2.0", tmp_path / "setup.exe"), back=False)

    def busy() -> None:
        raise UserFacingError("update.run_in_progress", "A run is in progress.", "Wait.")

    with monkeypatch.context() as patched:
        patched.setattr(update_dialog, "require_no_run", busy)
        dialog.open_button.click()
        scenes.until(qtbot, lambda: dialog.message.what.text() == "A run is in progress.")
    assert not opened
    dialog.open_button.click()
    scenes.until(qtbot, lambda: bool(opened))
    assert opened[0].toLocalFile() == str(tmp_path / "setup.exe")
