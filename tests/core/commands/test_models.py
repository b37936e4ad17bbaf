"""The command about the models on this computer, as it is typed."""

import pytest

from core.cli import main
from core.commands.models import _delete
from core.errors import UserFacingError
from tests.core.models.folders import make_model

pytestmark = pytest.mark.usefixtures("nobody_else")


def test_a_hostile_folder_name_reaches_no_terminal(capsys, tmp_path):
    make_model(tmp_path / "nobody/.lmstudio/models/Own/Evil\x1b]0;owned\x07")
    assert main(["models"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_what_is_unknown_is_not_deleted():
    with pytest.raises(UserFacingError) as refusal:
        _delete("x/y", [], force=False)
    assert refusal.value.code == "inventory.unknown"
