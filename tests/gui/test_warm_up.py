from __future__ import annotations

import importlib
import subprocess
import sys

from gui.warm_up import _MODULES, WarmUp

_SCRIPT = """
import sys
from gui.warm_up import WarmUp
thread = WarmUp()
thread.start()
thread.join()
assert "numpy" in sys.modules
found = {"PySide6", "torch", "transformers", "datasets"} & set(sys.modules)
assert not found, found
"""


def test_it_loads_numpy_and_neither_qt_nor_heavy_libraries() -> None:
    subprocess.run([sys.executable, "-c", _SCRIPT], check=True, timeout=120)


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
