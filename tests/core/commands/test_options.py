"""Options that several commands have."""

import pytest

from core.cli import main
from core.commands.options import parse_values
from core.errors import UserFacingError
from tests.core.commands.typed import document


def test_a_relative_project_is_the_same_for_the_jobs(rows, tmp_path, monkeypatch, capsys):
    """They work in another folder than the command."""
    monkeypatch.chdir(tmp_path)
    for name in ("p", "./deep/../p2"):
        assert main(["prepare", str(rows), "--project", name, "--json"]) == 0
        report = document(capsys)
        version = tmp_path / name / "data" / "versions" / report["content_hash"]
        assert version.is_dir()


def test_values_are_split_at_the_first_sign():
    assert parse_values(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}
    with pytest.raises(UserFacingError) as refusal:
        parse_values(["a"])
    assert refusal.value.code == "cli.set"
