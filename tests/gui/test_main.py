from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui import __main__ as entry

HEAVY = ("torch", "transformers", "peft", "bitsandbytes", "datasets")


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_window_comes_up_without_the_heavy_libraries(home: Path) -> None:
    code = f"""
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui.app import open_window
from gui.wizard.session import Session
from gui.shell.page_stack import OUTSIDE, PAGES
import importlib
app = QApplication([])
window = open_window(app, Session())
for place in (*PAGES.values(), *OUTSIDE.values()):
    importlib.import_module(place.partition(":")[0])
assert window.isVisible()
loaded = [name for name in {HEAVY!r} if name in sys.modules]
window.close()
sys.stdout.write(f"loaded {{loaded}}")
"""
    done = run(code, HOMELAB_TUNER_HOME=str(home), QT_QPA_PLATFORM="offscreen")
    assert done.stdout == "loaded []", done.stderr


def test_what_the_first_picture_does_not_show_is_loaded_after_it() -> None:
    """Each of them takes 10 ms to 60 ms, and together they took a fifth of the start."""
    later = (
        "numpy", "pyqtgraph", "ruamel.yaml", "core.config.training", "core.library.fine_tunes",
        "core.library.inventory", "core.models.hub.download", "core.doctor.examination",
        "gui.start.doctor_sheet", "gui.installation.dialog",
    )  # fmt: skip
    done = run(
        "import sys, gc, gui.__main__; gui.__main__.load_fast()\n"
        "import gui.app, gui.start.page\n"
        f"early = [name for name in {later!r} if name in sys.modules]\n"
        "import importlib.metadata, pydantic.plugin._loader as plugins\n"
        "sys.stdout.write(f'{early} {gc.isenabled()} {list(plugins.get_plugins())}')"
    )
    assert done.stdout == "[] False []", done.stderr


def test_a_command_collects_its_garbage() -> None:
    done = run(
        "import gc, sys; sys.argv[1:] = ['--help']; import core.cli, gui.__main__\n"
        "core.cli.main = lambda _: sys.stdout.write(str(gc.isenabled()))\n"
        "gui.__main__.main()"
    )
    assert done.stdout == "True", done.stderr


def test_the_entry_point_imports_neither_qt_nor_the_data_code() -> None:
    code = (
        "import sys, gui.__main__\n"
        "bad = [m for m in sys.modules if m.startswith(('PySide6', 'core.data', 'torch'))]\n"
        "sys.stdout.write(str(bad))"
    )
    assert run(code).stdout == "[]"


def test_files_open_the_window_and_words_are_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("lamps ü.jsonl", "train"):
        Path(name).touch()
    assert entry._files(["lamps ü.jsonl", str(tmp_path)]) == [tmp_path / "lamps ü.jsonl", tmp_path]
    assert entry._files(["train"]) == []  # a command, whatever lies here
    assert entry._files(["lamps ü.jsonl", "gone.jsonl"]) == []
    assert entry._files(["train", "lamps ü.jsonl"]) == []


def test_arguments_are_terminal_commands() -> None:
    done = run("import sys; sys.argv[1:] = ['--version']\nfrom gui.__main__ import main; main()")
    assert done.returncode == 0
    assert done.stdout.strip()[0].isdigit()


def test_the_worker_is_dispatched_before_qt(tmp_path: Path) -> None:
    code = (
        "import sys; from gui.__main__ import main\n"
        f"sys.argv[1:] = ['--worker', {str(tmp_path)!r}]\n"
        "code = main()\n"
        "sys.stdout.write(f'{code} {any(m.startswith(\"PySide6\") for m in sys.modules)}')"
    )
    done = run(code)
    assert done.stdout == "1 False", done.stderr
    assert "failed" in (tmp_path / "events.jsonl").read_text(encoding="utf-8")


def test_without_a_display_it_says_so() -> None:
    code = (
        "import os, sys\n"
        "for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'): os.environ.pop(name, 0)\n"
        "sys.platform = 'linux'; sys.argv[1:] = []\n"
        "from gui.__main__ import main\n"
        "sys.exit(main())"
    )
    done = run(code)
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "homelab-tuner --help" in done.stderr


def test_it_speaks_the_language_of_the_preferences_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"language": "en_XA"}', encoding="utf-8")
    code = (
        "import os, sys\n"
        "for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'): os.environ.pop(name, 0)\n"
        "sys.platform = 'linux'; sys.argv[1:] = []\n"
        "from gui.__main__ import main\n"
        "sys.exit(main())"
    )
    assert "⟦Théŕé îš ñö" in run(code, HOMELAB_TUNER_HOME=str(tmp_path)).stderr


def test_or_sample_runs_the_sample_where_there_is_no_display() -> None:
    code = (
        "import os, sys\n"
        "for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'): os.environ.pop(name, 0)\n"
        "sys.platform = 'linux'; sys.argv[1:] = ['--or-sample']\n"
        "import core.cli\n"
        "core.cli.main = lambda arguments: sys.stdout.write(str(arguments)) * 0\n"
        "from gui.__main__ import main\n"
        "sys.exit(main())"
    )
    done = run(code)
    assert done.stdout == "['sample']"
    assert "no display" in done.stderr


def test_the_frozen_application_holds_a_model_too(monkeypatch):
    given = []
    monkeypatch.setattr("core.serving.child.main", lambda words: given.append(words) or 0)
    monkeypatch.setattr("sys.argv", ["homelab-tuner", "--answer", "PROJECT", "BASE", "train-001"])
    assert entry.main() == 0
    assert given == [["PROJECT", "BASE", "train-001"]]
