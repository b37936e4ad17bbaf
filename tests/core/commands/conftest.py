"""What several tests of the commands are given."""

from pathlib import Path

import pytest


@pytest.fixture
def rows(tmp_path):
    """A file of sixty examples."""
    path = tmp_path / "rows ü.csv"
    path.write_text("question,answer\n" + "".join(f"What is {n}?,It is {n}.\n" for n in range(60)))
    return path


@pytest.fixture
def nobody_else(monkeypatch, tmp_path):
    """No other program has models here."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")
