from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gui.desktop import display
from gui.desktop.display import no_display, why_no_window

VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_a_variable_there_is_no_display() -> None:
    assert why_no_window() == no_display()


@pytest.mark.parametrize("name", ["WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_wayland_and_a_chosen_platform_are_left_to_qt(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert why_no_window() == ""


def test_other_systems_always_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert why_no_window() == ""


def test_a_display_that_nobody_serves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(display, "_plugin", lambda: None)
    assert "“:4711” does not answer" in why_no_window()


def test_a_missing_library_is_named_with_its_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "libqxcb.so"
    broken.write_bytes(b"no library")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(display, "_plugin", lambda: broken)
    said = why_no_window()
    assert "libqxcb.so" in said
    assert "sudo apt install libxcb-cursor0" in said


def test_the_plugin_is_found_where_qt_is_installed() -> None:
    plugin = display._plugin()
    assert plugin is not None
    assert plugin.name == "libqxcb.so"
