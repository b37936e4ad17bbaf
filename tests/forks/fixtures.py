"""All tests of one process share a process that forks their children."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from core.jobs import children
from tests.forks.client import ForkServer

fork_server = ForkServer()


@pytest.fixture(scope="session", autouse=True)
def _children_are_forked() -> Iterator[None]:
    """Where the system can tell of the end of another process' children, that is on Linux."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(os, "pidfd_open"):
            patch.setattr(children, "popen", fork_server.popen)
        yield
    fork_server.close()


@pytest.fixture
def cold_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children are started as the product does it, and import everything themselves."""
    monkeypatch.setattr(children, "popen", subprocess.Popen)
