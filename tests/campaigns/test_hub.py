"""Short form of the campaign, and proof that it can fail."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.events import Failed, Finished
from core.models.hub.download import DownloadResult
from core.models.hub.listing import Listing, RemoteFile
from tests.campaigns.hub import Case, CaseError
from tests.campaigns.hub_scenarios import SCENARIOS, Scenario
from tests.loopback_hub import TOKEN, LoopbackHub, Repo


@pytest.mark.slow
def test_every_kind_of_trouble_once():
    """In a process of its own, which forks its children from a clean one."""
    command = [sys.executable, "-m", "tests.campaigns.hub", "--cases", str(len(SCENARIOS))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.stdout.splitlines()[-1] == f"cases {len(SCENARIOS)}, failures 0", done.stdout
    assert done.returncode == 0


@pytest.fixture
def case(tmp_path):
    home = tmp_path / "root" / "home"
    home.mkdir(parents=True)
    repo = Repo({})
    repo.add({"config.json": b"right"})
    return Case(Scenario("x"), random.Random(0), LoopbackHub(), home, repo)


LISTING = Listing(
    repo="Own/Name", revision="main", commit="a" * 40,
    files=(RemoteFile(name="config.json", size=5),),
)  # fmt: skip


def test_wrong_bytes_are_noticed(case):
    folder = case.home / "models" / "Own--Name"
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"wrong")
    with pytest.raises(CaseError, match="wrong bytes"):
        case.nothing_wrong()
    listing = LISTING.model_copy(update={"commit": case.repo.head})
    done = Finished(outcome="completed", result=DownloadResult(base_model=str(folder), repo="a/b"))
    with pytest.raises(CaseError, match="not what was agreed to"):
        case.accepted(listing, done)
    (folder / "config.json").write_bytes(b"right")
    case.nothing_wrong()
    case.accepted(listing, done)


def test_bytes_that_come_twice_are_noticed(case):
    case.hub.served["config.json"] = 10
    with pytest.raises(CaseError, match="10 bytes served for 5"):
        case.nothing_twice(LISTING, Counter())


def test_a_refusal_without_a_sentence_is_noticed(case):
    good = Failed(code="hub.down", what="It is down.", todo="Try again later.")
    case.told(good, frozenset({"hub.down"}))
    for change in ({"code": "job.bug"}, {"what": " "}, {"todo": ""}, {"what": "a\nb"}):
        with pytest.raises(CaseError):
            case.told(good.model_copy(update=change), frozenset({"hub.down"}))
    with pytest.raises(CaseError):
        case.told(Finished(outcome="completed"), frozenset({"hub.down"}))


@pytest.mark.parametrize("place", ["../outside.json", "outside.json", "models/evil/x", "models/y"])
def test_what_is_written_elsewhere_is_noticed(case, place):
    path = case.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    with pytest.raises(CaseError):
        case.nothing_outside()


def test_a_token_elsewhere_is_noticed(case):
    case.hub.seen.append(("GET", "/other/Own/Name/model.safetensors", f"Bearer {TOKEN}"))
    with pytest.raises(CaseError, match="token was sent"):
        case.nothing_outside()
    case.hub.seen.clear()
    (case.home / "downloads").mkdir()
    Path(case.home / "downloads" / "log.txt").write_text(TOKEN)
    with pytest.raises(CaseError, match="token is in"):
        case.nothing_outside()
