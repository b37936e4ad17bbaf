from __future__ import annotations

from pathlib import Path

import pytest

from core.storage.synchronised import synchronised_by


@pytest.fixture(autouse=True)
def _no_onedrive(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("inside", "program"),
    [
        ("Documents/Homelab Tuner", ""),
        ("OneDrive/Documents", "OneDrive"),
        ("OneDrive - Lamps Ltd/Dokumente/Homelab Tuner", "OneDrive"),
        ("Dropbox/x", "Dropbox"),
        ("Nextcloud", "Nextcloud"),
        ("Google Drive/My Drive", "Google Drive"),
        ("Library/CloudStorage/Box-Box/x", "iCloud"),
        ("Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud"),
        ("MyOneDrive/x", ""),
        ("dropbox notes/x", ""),
    ],
)
def test_folders_are_known_by_their_names(tmp_path: Path, inside: str, program: str) -> None:
    assert synchronised_by(tmp_path / inside) == program


def test_onedrive_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Cloud"))
    assert synchronised_by(tmp_path / "Cloud" / "Documents") == "OneDrive"
    assert synchronised_by(tmp_path / "Elsewhere") == ""


def test_marks_inside_are_seen_from_any_depth(tmp_path: Path) -> None:
    (tmp_path / "shared" / ".stfolder").mkdir(parents=True)
    assert synchronised_by(tmp_path / "shared" / "a" / "b") == "Syncthing"
    assert synchronised_by(tmp_path / "other") == ""
