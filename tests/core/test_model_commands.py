"""The commands about models as they are typed, against the loopback hub."""

import io
import json
import sys
from pathlib import Path

import pytest

from core import model_commands
from core.cli import main
from core.errors import UserFacingError
from core.model_commands import offer_lines, resolve_base
from core.models.hub.connection import checked_endpoint
from core.models.hub.offer import Offer
from core.models.hub.store import (
    models_folder,
    run_folder,
    staging_folder,
    write_record,
)
from core.models.shape import ModelShape
from tests.core.models.hub.conftest import hub, listed  # noqa: F401 - a fixture
from tests.loopback_hub import TOKEN, model_files


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")


def test_from_a_link_to_a_base_that_is_found_by_name(hub, capsys):  # noqa: F811
    hub.add("Own/Name", model_files(parts=2))
    assert main(["models"]) == 0
    assert "homelab-tuner download MODEL" in capsys.readouterr().out

    assert main(["download", f"{hub.url}/Own/Name"]) == 1
    said = capsys.readouterr().err
    for part in (
        "Licence: Apache 2.0", "Download: 0.1 MB in 7 files", "README.md (not needed",
        "parameters", "GB free now", "1,000 short examples train in", "Add --yes",
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


def test_one_that_was_begun_goes_on_with_its_version(hub, capsys):  # noqa: F811
    repo = hub.add("Own/Name")
    old = listed(hub, "Own/Name")
    staging = staging_folder(run_folder("Own/Name"))
    staging.mkdir()
    write_record(staging, old)
    repo.add(model_files(seed=4))
    assert main(["models"]) == 0
    assert "can go on" in capsys.readouterr().out
    assert main(["download", "Own/Name"]) == 0
    assert f"Going on with version {old.commit[:8]}" in capsys.readouterr().err
    assert not hub.requests("?blobs")[1:], "it was agreed to before"


def test_a_begun_version_that_is_gone_is_replaced_by_the_newest(hub, capsys):  # noqa: F811
    repo = hub.add("Own/Name")
    staging = staging_folder(run_folder("Own/Name"))
    staging.mkdir()
    write_record(staging, listed(hub, "Own/Name"))
    repo.versions.clear()
    newest = repo.add(model_files(seed=4))
    assert main(["download", "Own/Name", "--yes"]) == 0
    assert "newest version is taken" in capsys.readouterr().err
    assert newest[:8] in (models_folder() / "Own--Name" / "download.json").read_text()


def test_a_token_that_is_asked_for_is_kept_and_not_shown(hub, capsys, monkeypatch):  # noqa: F811
    hub.add("Own/Name", gated="auto", accepted={TOKEN})
    assert main(["download", "Own/Name", "--yes"]) == 1
    assert "1. Log in" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\n"))
    assert main(["download", "Own/Name", "--yes", "--token"]) == 0
    captured = capsys.readouterr()
    assert "token is kept in" in captured.err and TOKEN not in captured.err + captured.out


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


def test_codes_of_what_was_not_agreed_to_and_is_not_here(hub, monkeypatch):  # noqa: F811
    with pytest.raises(UserFacingError) as refusal:
        resolve_base("Own/Name")
    assert refusal.value.code == "base.not_here"
    assert "homelab-tuner download Own/Name" in refusal.value.todo
    for name in ("./Own/Name", "/Own/Name", "Own", "a/b/c", "~/x/y"):
        assert resolve_base(name).is_absolute()


def refused(call):
    with pytest.raises(UserFacingError) as refusal:
        call()
    return refusal.value.code


def test_what_was_not_agreed_to_or_stopped_or_is_unknown(hub, monkeypatch):  # noqa: F811
    hub.add("Own/Name")
    listing = listed(hub, "Own/Name")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert refused(lambda: model_commands._confirm(offer_of(listing))) == "download.not_agreed"
    monkeypatch.setattr(model_commands, "run_job", lambda *_, **__: {"kept": 3})
    run, endpoint = run_folder("Own/Name"), checked_endpoint(hub.url)
    assert refused(lambda: model_commands._fetch(run, listing, endpoint)) == "download.stopped"
    assert refused(lambda: model_commands._delete("x/y", [], force=False)) == "inventory.unknown"


def test_a_computer_that_is_kept_offline_connects_to_nothing(hub, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["download", "Own/Name"]) == 1
    assert "switched off" in capsys.readouterr().err
    assert not hub.seen


def offer_of(listing):
    shape = ModelShape.from_dimensions(
        hidden_size=2560, layers=36, heads=32, kv_heads=8, head_dim=128, ffn_size=9728,
        vocab_size=151936, context_length=262144, tied_embeddings=True,
    )  # fmt: skip
    return Offer(listing=listing, model_type="qwen3", architecture="Qwen3ForCausalLM", shape=shape)


def test_a_catalogue_model_tells_its_languages(hub):  # noqa: F811
    repo = "Qwen/Qwen3-4B-Instruct-2507"
    hub.add(repo)
    lines = "\n".join(offer_lines(offer_of(listed(hub, repo))))
    assert "Languages: English" in lines and "4.0 billion parameters" in lines
