import subprocess
import sys

import pytest

from core import installed_engine
from core.installed_engine import has_torch, missing_engine, pointer, python_tag, use_engine
from core.storage.files import write_json

WITHOUT = (
    "import sys; sys.path[:] = [p for p in sys.path if not p.startswith({venv!r})]\n"
    "import importlib.util\nprint(importlib.util.find_spec('torch'))"
)


@pytest.fixture
def version(tmp_path, monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path))
    folder = installed_engine.version_folder("v")
    (folder / "site").mkdir(parents=True)
    (folder / "site/only_in_the_engine.py").write_text("x = 1\n")
    record = {"variant": "cpu", "python": python_tag(), "torch": "2", "wheels": {}}
    write_json(folder / "engine.json", record)
    write_json(installed_engine.engine_folder() / "current.json", {"current": "v"})
    yield folder
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "none"))
    use_engine()


def test_a_process_imports_from_the_engine_in_use(version):
    use_engine()
    use_engine()
    assert sys.path.count(str(version / "site")) == 1 and sys.path[-1] == str(version / "site")
    import only_in_the_engine

    assert only_in_the_engine.x == 1
    write_json(installed_engine.engine_folder() / "current.json", {"current": None})
    use_engine()
    assert str(version / "site") not in sys.path


@pytest.mark.parametrize("text", ["", "7", '{"current": "../../etc"}', '{"current": "gone"}'])
def test_a_damaged_pointer_means_nothing(version, text):
    (installed_engine.engine_folder() / "current.json").write_text(text)
    assert installed_engine.engine_site() is None
    assert pointer().current in (None, "gone")


def test_a_missing_one_is_said_with_the_way_to_it():
    assert has_torch()
    error = missing_engine()
    assert error.code == installed_engine.MISSING == "engine.missing"
    assert "engine install" in error.todo


def test_window_and_commands_start_where_torch_cannot_be_found(tmp_path):
    block = (
        "import sys, importlib.abc\n"
        "class Block(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'triton'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from core.cli import main\n"
        "import gui.shell.window\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-c", block, *arguments], capture_output=True, text=True, check=False,
            env={"HOMELAB_TUNER_HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
                 "QT_QPA_PLATFORM": "offscreen", "HOMELAB_TUNER_LANGUAGE": "en"},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert "not installed yet" in run("engine")[1]
    code, said = run("doctor")
    assert code == 1 and "Traceback" not in said
