from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from gui.kit.look import composing
from gui.kit.look.composing import is_composed


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real X server on which nobody composes."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().strip()}")
    monkeypatch.setattr(composing.QGuiApplication, "platformName", lambda: "xcb")
    yield
    server.terminate()
    server.wait()
    server.stdout.close()


def compose() -> tuple[ctypes.CDLL, ctypes.c_void_p]:
    """Say that windows are mixed, as a compositor does."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    for name in ("XDefaultRootWindow", "XCreateSimpleWindow", "XInternAtom"):
        getattr(x11, name).restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    window = ctypes.c_ulong(x11.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0))
    atom = ctypes.c_ulong(x11.XInternAtom(display, b"_NET_WM_CM_S0", 0))
    x11.XSetSelectionOwner(display, atom, window, 0)
    x11.XSync(display, 0)
    return x11, display


def test_it_is_known_whether_somebody_composes(screen: None) -> None:
    assert not is_composed()
    x11, display = compose()
    assert is_composed()
    x11.XCloseDisplay(display)
    assert not is_composed()


def test_a_server_that_does_not_answer_composes_nothing(
    screen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    assert not is_composed()


def test_elsewhere_windows_are_always_composed() -> None:
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert is_composed()
