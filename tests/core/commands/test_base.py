"""The base model that a command names, and what is said without one."""

import pytest

from core.cli import main
from core.commands.base import base_folder, resolve_base
from core.errors import UserFacingError
from tests.core.commands.typed import said
from tests.core.models.hub.conftest import hub  # noqa: F401 - a fixture


def test_no_base_has_a_code(tmp_path):
    with pytest.raises(UserFacingError) as refusal:
        base_folder("")
    assert refusal.value.code == "base.not_chosen"


def test_without_a_base_the_person_is_asked_for_one(rows, tmp_path, capsys):
    project = str(tmp_path / "p")
    assert main(["prepare", str(rows), "--project", project]) == 0
    assert main(["train", "--project", project]) == 1
    assert "--base" in said(capsys)


@pytest.mark.usefixtures("nobody_else")
def test_a_base_that_is_not_here_has_a_code(hub, monkeypatch):  # noqa: F811
    with pytest.raises(UserFacingError) as refusal:
        resolve_base("Own/Name")
    assert refusal.value.code == "base.not_here"
    assert "homelab-tuner download Own/Name" in refusal.value.todo
    for name in ("./Own/Name", "/Own/Name", "Own", "a/b/c", "~/x/y"):
        assert resolve_base(name).is_absolute()
