import sys

import pytest

from core.jobs import supervisor as supervisor_module
from core.project import RunFolder


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "Läufe 漢字 🙂" / "fake-001")
    run.root.mkdir(parents=True)
    return run


@pytest.fixture
def fake_worker(monkeypatch):
    """Let supervisors start the fake child instead of the real worker."""

    def command(folder):
        return [sys.executable, "-m", "tests.core.jobs.fake_child", str(folder.root)]

    monkeypatch.setattr(supervisor_module, "worker_command", command)
