"""Downloading a model as it is typed, and what then is done with it, against the loopback hub."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from core.cli import main
from core.commands import download
from core.commands.base import resolve_base
from core.errors import UserFacingError
from core.models.hub.connection import checked_endpoint
from core.models.hub.download import DownloadResult
from core.models.hub.store import (
    models_folder,
    run_folder,
    staging_folder,
    write_record,
)
from core.settings import Settings, load_settings, save_settings, settings_file
from tests.core.models.folders import make_model
from tests.core.models.hub.conftest import hub, listed  # noqa: F401 - a fixture
from tests.core.planning.test_offer_text import offer_of
from tests.loopback_hub import TOKEN, model_files

pytestmark = pytest.mark.usefixtures("nobody_else")


@pytest.mark.usefixtures("cold_children")
def test_from_a_link_to_a_base_that_is_found_by_name(hub, capsys):  # noqa: F811
    hub.add("Own/Name", model_files(parts=2))
    assert main(["models"]) == 0
    assert "homelab-tuner download MODEL" in capsys.readouterr().out

    assert main(["download", f"{hub.url}/Own/Name"]) == 1
    said = capsys.readouterr().err
    for part in (
        "Licence: Apache 2.0", "Download: 63 kB in 7 files", "README.md (not needed",
        "parameters", "GB free now", "on 1,000 short examples takes", "Add --yes",
    ):  # fmt: skip
        assert part in said, part
    assert "model-00002-of-00002.safetensors" in {
        path.rpartition("/")[2] for _, path, _ in hub.seen
    }
    assert not models_folder().exists(), "only the heads were read"

    assert main(["download", "Own/Name", "--yes", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    folder = Path(document["download"]["base_model"])
    assert document["offer"]["listing"]["commit"] == hub.repos["Own/Name"].head
    assert resolve_base("Own/Name") == resolve_base("own/name") == folder

    assert main(["models", "--json"]) == 0
    (model,) = json.loads(capsys.readouterr().out)["models"]
    assert (model["name"], model["deletable"], model["folder"]) == ("Own/Name", True, str(folder))
    before = len(hub.seen)
    assert main(["download", "Own/Name"]) == 0
    assert "already" in capsys.readouterr().err and len(hub.seen) == before
    assert main(["models", "--delete", "own/name"]) == 0
    assert not folder.exists()


def test_a_downloaded_base_is_planned_and_trained_by_its_name(hub, walked, own_copy, capsys):  # noqa: F811
    files = {path.name: path.read_bytes() for path in walked.base.iterdir() if path.is_file()}
    hub.add("Own/Tiny", files)
    assert main(["download", "Own/Tiny", "--yes"]) == 0
    project = ["--project", str(own_copy.root), "--base", "own/tiny"]
    capsys.readouterr()
    assert main(["plan", *project, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["presets"]
    values = ["--set", "max_steps=1", "--set", "effective_batch=2"]
    assert main(["train", *project, *values]) == 0
    run = max(own_copy.runs("train"), key=lambda run: run.name)
    trained_on = json.loads(run.facts_file.read_text())["base_model"]
    assert trained_on == str(models_folder() / "Own--Tiny")
    assert main(["models", "--json"]) == 0
    save_settings(Settings(recent=(str(own_copy.root),)))
    capsys.readouterr()
    assert main(["models", "--delete", "Own/Tiny"]) == 1
    assert run.name in capsys.readouterr().err


def test_what_another_program_has_is_offered_without_a_copy(hub, capsys, tmp_path):  # noqa: F811
    hub.add("Own/Name")
    theirs = make_model(tmp_path / "nobody/.lmstudio/models/Own/Name")
    assert main(["download", "Own/Name"]) == 0
    assert capsys.readouterr().out.strip() == str(theirs)
    assert not hub.seen
    assert main(["download", "Own/Name", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found"]["base_model"] == str(theirs)
    assert main(["download", "Own/Name", "--again"]) == 1
    assert hub.seen, "now it was asked for"


def test_one_that_was_begun_goes_on_with_its_version(hub, capsys):  # noqa: F811
    repo = hub.add("Own/Name")
    old = listed(hub, "Own/Name")
    staging = staging_folder(run_folder("Own/Name"))
    staging.mkdir()
    write_record(staging, old)
    repo.add(model_files(seed=4))
    assert main(["models"]) == 0
    assert "can be continued" in capsys.readouterr().out
    assert main(["download", "Own/Name"]) == 0
    assert f"Continuing with version {old.commit[:8]}" in capsys.readouterr().err
    assert not hub.requests("?blobs")[1:], "it was agreed to before"


def test_a_begun_version_that_is_gone_is_replaced_by_the_newest(hub, capsys):  # noqa: F811
    repo = hub.add("Own/Name")
    staging = staging_folder(run_folder("Own/Name"))
    staging.mkdir()
    write_record(staging, listed(hub, "Own/Name"))
    repo.versions.clear()
    newest = repo.add(model_files(seed=4))
    assert main(["download", "Own/Name", "--yes"]) == 0
    assert "newest version is used" in capsys.readouterr().err
    assert newest[:8] in (models_folder() / "Own--Name" / "download.json").read_text()


def test_a_token_that_is_asked_for_is_kept_and_not_shown(hub, capsys, monkeypatch):  # noqa: F811
    hub.add("Own/Name", gated="auto", accepted={TOKEN})
    assert main(["download", "Own/Name", "--yes"]) == 1
    assert "1. Log in" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\n"))
    assert main(["download", "Own/Name", "--yes", "--token"]) == 0
    captured = capsys.readouterr()
    assert "token is stored in" in captured.err and TOKEN not in captured.err + captured.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["download", "gpt2"], "lacks the owner"),
        (["download", "no/such"], "has no model"),
        (["models", "--delete", "no/such"], "There is no model"),
    ],
)
def test_what_cannot_be_done(hub, capsys, arguments, said):  # noqa: F811
    assert main(arguments) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_another_hub_is_kept_and_a_proxy_is_not(hub, monkeypatch):  # noqa: F811
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv("HF_ENDPOINT")
    assert main(["download", "no/such", "--endpoint", hub.url]) == 1
    assert load_settings().hub_endpoint == hub.url and hub.requests("no/such")
    download._choose_way("public", "http://name:secret@127.0.0.1:3128")
    assert load_settings().hub_endpoint == ""
    assert os.environ["HTTPS_PROXY"].startswith("http://name:secret@")
    assert "secret" not in settings_file().read_text()
    assert refused(lambda: download._choose_way("", "nonsense")) == "hub.endpoint"


def refused(call):
    with pytest.raises(UserFacingError) as refusal:
        call()
    return refusal.value.code


def test_what_was_not_agreed_to_or_stopped(hub, monkeypatch):  # noqa: F811
    hub.add("Own/Name")
    listing = listed(hub, "Own/Name")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert refused(lambda: download._confirm(offer_of(listing))) == "download.not_agreed"
    monkeypatch.setattr(download, "run_job", lambda *_, **__: DownloadResult(repo="a/b", kept=3))
    run, endpoint = run_folder("Own/Name"), checked_endpoint(hub.url)
    assert refused(lambda: download._fetch(run, listing, endpoint)) == "download.stopped"


def test_a_computer_that_is_kept_offline_connects_to_nothing(hub, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["download", "Own/Name"]) == 1
    assert "switched off" in capsys.readouterr().err
    assert not hub.seen
