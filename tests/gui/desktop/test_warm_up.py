from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

from gui.desktop.warm_up import _MODULES, WarmUp

_SCRIPT = """
import sys
from gui.desktop.warm_up import WarmUp
thread = WarmUp()
thread.start()
thread.join()
assert {"numpy", "pyqtgraph"} <= set(sys.modules)
found = {"torch", "transformers", "datasets"} & set(sys.modules)
assert not found, found
import gc
from PySide6.QtCore import QObject
kept = [value for module in list(sys.modules.values()) for value in list(vars(module).values())]
made = [thing for thing in [*gc.get_objects(), *kept] if isinstance(thing, QObject)]
assert not made, made
"""


def test_it_loads_what_pages_need_but_no_heavy_library_and_makes_no_object_of_qt() -> None:
    subprocess.run([sys.executable, "-c", _SCRIPT], check=True, timeout=120)


def test_pages_can_be_made_while_their_modules_are_loaded(tmp_path: Path) -> None:
    script = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from gui.wizard.session import Session
from gui.desktop.warm_up import WarmUp
thread = WarmUp()
thread.start()
from gui.settings.page import SettingsPage
from gui.examples.page import ExamplesPage
pages = [SettingsPage(Session()), ExamplesPage(Session())]
thread.join()
assert pages[0].title() and pages[1].title() == "Examples", pages
for page in pages:
    page.shut_down()
"""
    own = {"HOMELAB_TUNER_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", script]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, **own})


def test_all_modules_exist() -> None:
    for name in _MODULES:
        importlib.import_module(name)


def test_it_ends_when_it_is_told_to() -> None:
    thread = WarmUp()
    thread.end()
    assert not thread.is_alive()
    thread.start()
    thread.end()
    assert not thread.is_alive()
