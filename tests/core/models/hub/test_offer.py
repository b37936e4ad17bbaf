import json

import pytest

from core.events import Failed, Finished
from core.jobs.supervisor import Supervisor
from core.models.hub.offer import OfferParams
from core.project import RunFolder
from tests.core.models.hub.conftest import HASTE, end
from tests.loopback_hub import Fault, model_files


def offered(hub, folder, repo="a/b"):
    params = OfferParams(repo=repo, revision="main", endpoint=hub.url, patience=HASTE)
    folder.mkdir(exist_ok=True)
    supervisor = Supervisor(RunFolder(folder))
    supervisor.start(params)
    return end(supervisor)


def test_all_that_is_worth_knowing_from_a_few_kilobytes(hub, tmp_path):
    hub.add("a/b", model_files(vocab=50_000, parts=2))
    done = offered(hub, tmp_path / "run")
    assert isinstance(done, Finished)
    offer = done.result
    assert (offer.listing.repo, offer.model_type, offer.token_from) == ("a/b", "llama", "")
    assert offer.shape.vocab_size == 50_000
    assert offer.has_chat_template and offer.entry is None
    assert sum(hub.served.values()) < 0.1 * offer.listing.size
    assert sorted(path.name for path in (tmp_path / "run").iterdir() if path.is_dir()) == []


def test_a_catalogue_model_is_known_as_such(hub, tmp_path):
    repo = "Qwen/Qwen3-4B-Instruct-2507"
    hub.add(repo)
    offer = offered(hub, tmp_path / "run", repo).result
    assert offer.entry.key == "qwen3-4b"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"architectures": ["MambaForCausalLM"]}, "model.unsupported"),
        ({"hidden_size": 64}, "model.mismatch"),
        ({"quantization_config": {"quant_method": "gptq"}}, "model.quantised"),
    ],
)
def test_what_could_not_be_trained_is_refused_before_the_download(hub, tmp_path, changes, code):
    files = model_files()
    config = json.loads(files["config.json"]) | changes
    hub.add("a/b", files | {"config.json": json.dumps(config).encode()})
    failed = offered(hub, tmp_path / "run")
    assert isinstance(failed, Failed) and failed.code == code
    assert "One of about this size that works is" in failed.todo


def test_terms_come_before_the_heads(hub, tmp_path):
    hub.add("a/b", gated="auto")
    failed = offered(hub, tmp_path / "run")
    assert failed.code == "hub.gated" and "1. Log in" in failed.todo
    assert not hub.served


def test_a_hub_with_a_fault(hub, tmp_path):
    hub.add("a/b")
    hub.faults.append(Fault("html"))
    assert offered(hub, tmp_path / "run").code == "hub.bad_answer"
