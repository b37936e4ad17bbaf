"""The window as a screen reader has it: through AT-SPI, by the library that Orca uses (libatspi).

``Desktop`` starts a display, a session bus and the accessibility bus of its own, so that nothing of
the real desktop is touched. What is found is pressed and filled in by role and name alone, as a
screen reader's commands do; no widget and no pixel of the window is known here.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from ctypes import POINTER, c_char_p, c_int, c_uint, c_void_p
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_LIBRARY = "libatspi.so.0"
_DEEPEST = 40
_PATIENCE = 400  # seconds: a busy computer trains slowly
# AtspiStateType; what is scrolled away is visible too
CHECKED, ENABLED, FOCUSABLE, SENSITIVE, VISIBLE = 4, 8, 11, 24, 30
_LABELLED_BY = 2  # AtspiRelationType
CONTROLS = frozenset(
    {"push button", "toggle button", "check box", "radio button", "text", "combo box", "table",
     "spin button", "progress bar", "slider", "list", "tree table", "chart"}
)  # fmt: skip


def why_not() -> str:
    """Return what this machine lacks for it, ``""`` for nothing."""
    missing = [name for name in ("Xvfb", "dbus-daemon") if shutil.which(name) is None]
    missing += [] if any(map(os.path.exists, _LAUNCHERS)) else ["at-spi-bus-launcher"]
    try:
        ctypes.CDLL(_LIBRARY)
        ctypes.CDLL("libgobject-2.0.so.0")
    except OSError as error:
        missing.append(str(error))
    return ", ".join(missing)


class _Array(ctypes.Structure):
    """GArray of pointers."""

    _fields_ = (("data", POINTER(c_void_p)), ("length", c_uint))


_FUNCTIONS = {  # of libatspi, with what they return and take
    "get_desktop": (c_void_p, c_int),
    "accessible_get_child_count": (c_int, c_void_p, c_void_p),
    "accessible_get_child_at_index": (c_void_p, c_void_p, c_int, c_void_p),
    "accessible_get_name": (c_void_p, c_void_p, c_void_p),
    "accessible_get_description": (c_void_p, c_void_p, c_void_p),
    "accessible_get_role_name": (c_void_p, c_void_p, c_void_p),
    "accessible_get_state_set": (c_void_p, c_void_p),
    "accessible_clear_cache": (None, c_void_p),
    "state_set_contains": (c_int, c_void_p, c_int),
    "accessible_get_action_iface": (c_void_p, c_void_p),
    "action_do_action": (c_int, c_void_p, c_int, c_void_p),
    "accessible_get_editable_text_iface": (c_void_p, c_void_p),
    "editable_text_set_text_contents": (c_int, c_void_p, c_char_p, c_void_p),
    "accessible_get_relation_set": (POINTER(_Array), c_void_p, c_void_p),
    "relation_get_relation_type": (c_int, c_void_p),
    "relation_get_target": (c_void_p, c_void_p, c_int),
    "event_listener_new": (c_void_p, c_void_p, c_void_p, c_void_p),
    "event_listener_register": (c_int, c_void_p, c_char_p, c_void_p),
}


class _Library:
    """The few functions of libatspi that are used."""

    def __init__(self) -> None:
        raw = ctypes.CDLL(_LIBRARY)
        raw.atspi_init()
        for name, (result, *takes) in _FUNCTIONS.items():
            function = getattr(raw, f"atspi_{name}")
            function.restype, function.argtypes = result, takes
            setattr(self, name, function)
        self._glib = ctypes.CDLL("libglib-2.0.so.0")
        self._glib.g_main_context_iteration.argtypes = [c_void_p, c_int]
        self._glib.g_free.argtypes = [c_void_p]

    def take_turn(self) -> None:
        """Let the library hear what changed."""
        while self._glib.g_main_context_iteration(None, 0):
            pass

    def text(self, pointer: int | None) -> str:
        """Return a string of the library, which is freed."""
        if not pointer:
            return ""
        found = ctypes.string_at(pointer).decode()
        self._glib.g_free(pointer)
        return found


@dataclass(frozen=True)
class Thing:
    """Something that a screen reader can speak of."""

    library: _Library
    pointer: int

    @cached_property
    def role(self) -> str:
        """What kind of thing it is."""
        return self.library.text(self.library.accessible_get_role_name(self.pointer, None))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.library.text(self.library.accessible_get_name(self.pointer, None))

    @property
    def label(self) -> str:
        """What stands beside it and names it."""
        found = self.library.accessible_get_relation_set(self.pointer, None)
        related = found.contents if found else _Array()
        for relation in related.data[: related.length]:
            if self.library.relation_get_relation_type(relation) == _LABELLED_BY:
                target = self.library.relation_get_target(relation, 0)
                return Thing(self.library, target).name if target else ""
        return ""

    @property
    def description(self) -> str:
        """What is said of it besides."""
        return self.library.text(self.library.accessible_get_description(self.pointer, None))

    def has(self, state: int) -> bool:
        """Return whether it is in a state."""
        states = self.library.accessible_get_state_set(self.pointer)
        return bool(states and self.library.state_set_contains(states, state))

    def press(self) -> None:
        """Do what a press on it does."""
        action = self.library.accessible_get_action_iface(self.pointer)
        assert action and self.library.action_do_action(action, 0, None), f"no action: {self}"

    def fill(self, text: str) -> None:
        """Write into it."""
        field = self.library.accessible_get_editable_text_iface(self.pointer)
        done = self.library.editable_text_set_text_contents(field, text.encode(), None)
        assert done, f"not written into: {self}"

    def children(self) -> Iterator[Thing]:
        """Yield what lies directly in it."""
        for place in range(self.library.accessible_get_child_count(self.pointer, None)):
            found = self.library.accessible_get_child_at_index(self.pointer, place, None)
            if found:
                yield Thing(self.library, found)

    def inside(self, depth: int = _DEEPEST) -> Iterator[Thing]:
        """Yield what is shown in it, however deep; the cells of tables are left out."""
        for child in self.children():
            if not child.has(VISIBLE):
                continue
            yield child
            if depth and child.role not in {"table", "tree table", "list"}:
                yield from child.inside(depth - 1)

    def __str__(self) -> str:
        return f"{self.role} {self.name!r}"


class Desktop:
    """A display and the buses of a desktop, on which the window is started."""

    def __init__(self, home: Path, scale: str = "1") -> None:
        self._children: list[subprocess.Popen[str]] = []
        self._before = dict(os.environ)
        screen = self._start(["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1400x24"])
        os.environ["DISPLAY"] = f":{_first_line(screen)}"
        bus = self._start(["dbus-daemon", "--session", "--nofork", "--print-address=1"])
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = _first_line(bus)
        launcher = next(filter(os.path.exists, _LAUNCHERS))
        self._start([launcher, "--launch-immediately"])
        os.environ.update(
            QT_QPA_PLATFORM="xcb", QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1", QT_SCALE_FACTOR=scale,
            HOMELAB_TUNER_HOME=str(home),
        )  # fmt: skip
        self.heard: list[str] = []

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._children.append(child)
        return child

    def open(self, command: list[str]) -> None:
        """Start the window and wait until it is announced."""
        self._window = self._start(command)
        self._library = _Library()
        self.find("frame", "Homelab Tuner")
        self._listen()

    def _listen(self) -> None:
        """Keep what is announced: the live regions."""

        def hear(event: int, _data: int) -> None:
            self.heard.append(_announced(event))

        self._callback = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)(hear)
        pointer = ctypes.cast(self._callback, c_void_p)
        listener = self._library.event_listener_new(pointer, None, None)
        assert self._library.event_listener_register(listener, b"object:announcement", None)

    def things(self) -> Iterator[Thing]:
        """Yield everything that the window and its dialogs show now."""
        self._library.take_turn()
        desktop = Thing(self._library, self._library.get_desktop(0))
        for application in desktop.children():
            self._library.accessible_clear_cache(application.pointer)
            yield from application.inside()

    def look(self, role: str, name: str, *, able: bool = False) -> Thing | None:
        """Return what is called so, if it is shown; ``name`` is a pattern for its beginning."""
        for thing in self.things():
            named = thing.role == role and re.match(name, thing.name)
            if named and (not able or thing.has(SENSITIVE)):
                return thing
        return None

    def find(self, role: str, name: str, *, able: bool = False) -> Thing:
        """Wait until it is there."""
        self.until(
            lambda: self.look(role, name, able=able) is not None,
            lambda: f"there is no {role} called {name!r}",
        )
        found = self.look(role, name, able=able)
        assert found is not None
        return found

    def press(self, name: str, role: str = "push button") -> None:
        """Press what is called so, once it can be pressed."""
        self.find(role, name, able=True).press()

    def hear(self, wanted: str) -> None:
        """Wait until something is announced."""
        self.until(
            lambda: any(re.search(wanted, said) for said in self.heard),
            lambda: f"nobody said {wanted!r}, but {self.heard}",
        )

    def until(self, condition: Callable[[], bool], fault: Callable[[], str]) -> None:
        """Wait for something, but not for ever."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            self._library.take_turn()
            if time.monotonic() > end or self._window.poll() is not None:
                shown = "\n".join(map(str, self.things()))
                raise AssertionError(
                    f"{fault()}; the window ({self._window.poll()}) shows\n{shown}"
                )
            time.sleep(0.2)

    def close(self) -> None:
        """End everything that was started."""
        for child in reversed(self._children):
            child.terminate()
            child.wait(timeout=30)
            if child.stdout is not None:
                child.stdout.close()
        os.environ.clear()
        os.environ.update(self._before)


def _first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


class _Event(ctypes.Structure):
    """AtspiEvent as far as its text: a GValue with a pointer to a string."""

    _fields_ = (
        ("type", c_char_p), ("source", c_void_p), ("detail1", c_int), ("detail2", c_int),
        ("value_type", ctypes.c_size_t), ("value", c_void_p), ("value_rest", c_void_p),
    )  # fmt: skip


def _announced(event: int) -> str:
    value = _Event.from_address(event).value
    return ctypes.string_at(value).decode() if value else ""
