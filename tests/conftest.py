"""What all tests share."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from core.jobs.worker import quiet_environment

quiet_environment()  # before anything imports torch
# The same cases in every run; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HOMELAB_TUNER_LANGUAGE", "en")  # whatever the system speaks
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"  # nobody's desktop is spoken to

pytest_plugins = [
    "tests.forks.fixtures", "tests.cleanliness", "tests.disk", "tests.models", "tests.mounts",
    "tests.desktop",
]  # fmt: skip


# In each part of the tests these files come first: a long one at the end leaves a processor idle.
_LONG = (
    "core/commands/test_sample.py", "gui/test_gallery.py", "gui/test_gallery_language.py",
    "gui/test_keyboard_way.py",
)  # fmt: skip
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""

    def place(item: pytest.Item) -> tuple[str, bool]:
        path = item.path.relative_to(_HERE).as_posix()
        return path.partition("/")[0], path not in _LONG

    items.sort(key=place)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Undo what the window's tests do to the collector of garbage."""
    if not gc.isenabled() and not item.path.is_relative_to(_HERE / "gui"):
        gc.unfreeze()
        gc.collect()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _home_of_what_is_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What several tests share is made before the home of any of them is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMELAB_TUNER_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own settings are read or changed."""
    folder = tmp_path / "home ü"
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(folder))
    return folder
