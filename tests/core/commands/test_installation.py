import json

import pytest

from core.actions import updates
from core.actions.updates import look_for_update
from core.cli import main
from core.commands import installation as commands
from core.errors import UserFacingError
from core.hardware.cards.card import CardReport
from core.installation import plan
from core.installation.kind import Kind
from core.installation.spec import EngineResult
from core.installation.updates.spec import UpdateResult
from core.installation.variant import Variant
from core.settings import load_settings
from tests.core.installation.conftest import home, index  # noqa: F401 - fixtures
from tests.core.installation.updates.conftest import publisher  # noqa: F401 - fixture


@pytest.fixture(autouse=True)
def _small(index, monkeypatch):  # noqa: F811
    monkeypatch.setattr(plan, "read_lock", index.lock)
    monkeypatch.setattr(plan, "available", lambda: (Variant.CPU,))
    monkeypatch.setattr(plan, "read_cards", lambda: CardReport(reason="No card."))


def test_the_whole_life_of_an_engine_in_the_terminal(index, capsys, monkeypatch):  # noqa: F811
    assert main(["engine", "install"]) == 1
    assert "Nothing was downloaded" in capsys.readouterr().err and not index.seen
    assert main(["engine", "install", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["torch"] == "2.13.0"
    assert main(["engine"]) == 0
    assert "PyTorch 2.13.0 is installed." in capsys.readouterr().out
    monkeypatch.setattr(plan, "read_lock", lambda variant: index.lock(variant, version="2.14.0"))
    assert main(["engine", "install", "--yes"]) == 0
    capsys.readouterr()
    assert main(["engine", "back"]) == 0
    assert "PyTorch 2.13.0 is in use again" in capsys.readouterr().err
    assert main(["engine", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["installed"], document["before"]) == ("2.13.0", "2.14.0")
    assert main(["engine", "remove"]) == 0
    assert main(["engine", "back"]) == 1


def test_a_stop_is_said(index, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setattr(commands, "run_job", lambda *_, **__: EngineResult(kept=5_000_000))
    assert main(["engine", "install", "--yes"]) == 1
    assert "5 MB are kept" in capsys.readouterr().err
    # the codes: "engine.stopped" and "engine.not_agreed"


def test_an_unfinished_download_is_told():
    state = plan.EngineState(carried=False, record=None, before=None, kept=2_000_000)
    assert "2 MB of an unfinished download are kept." in "\n".join(commands.state_lines(state))


def test_a_job_that_was_killed_is_continued_by_the_same_command(capsys, monkeypatch):
    def killed(*_args, **_kwargs):
        raise UserFacingError("job.killed", "It was killed.", "Resume from the last checkpoint.")

    monkeypatch.setattr(commands, "run_job", killed)
    assert main(["engine", "install", "--yes"]) == 1
    assert "It was killed. The same command continues it." in capsys.readouterr().err


def test_a_new_version_in_the_terminal(publisher, capsys, monkeypatch):  # noqa: F811
    own = publisher.own
    monkeypatch.setattr(updates, "own_release", lambda: own)
    monkeypatch.setattr(commands, "kind_of_installation", lambda: Kind.DEBIAN)
    monkeypatch.setattr(updates, "kind_of_installation", lambda: Kind.DEBIAN)
    publisher.publish("0.1.0")
    assert main(["update"]) == 0
    assert "This is the newest version" in capsys.readouterr().err
    publisher.publish("0.2.0")
    assert main(["update", "--json", "--weekly", "on"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["newest"] == "0.2.0" and "Better than before 0.2.0." in shown.err
    assert load_settings().look_weekly
    with pytest.raises(UserFacingError) as refusal:
        commands._way_back(None)
    assert refusal.value.code == "update.no_way_back"
    stopped = UpdateResult(kept=2_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(commands, "run_job", lambda *_, **__: stopped)
        with pytest.raises(UserFacingError) as refusal:
            commands._fetch_update(look_for_update().newest)
    assert refusal.value.code == "update.stopped" and "2 MB" in refusal.value.what
    assert main(["update", "fetch"]) == 0
    assert "sudo apt install" in capsys.readouterr().err
    monkeypatch.setattr(commands, "__version__", "0.3.0")
    assert main(["update", "back", "--weekly", "off"]) == 0
    assert "--allow-downgrades" in capsys.readouterr().err and not load_settings().look_weekly


def test_a_copy_from_the_sources_says_so(capsys):
    assert main(["update"]) == 1
    assert "made from the sources" in capsys.readouterr().err
