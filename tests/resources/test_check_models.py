import pytest

from core.models import catalogue
from resources import check_models
from resources.check_models import main
from tests.core.models.hub.conftest import hub  # noqa: F401 - a fixture
from tests.loopback_hub import model_files

FILES = model_files(vocab=400)
SIZE = sum(len(content) for name, content in FILES.items() if name != "README.md")


def entry(**changes):
    values = {
        "key": "x", "name": "X", "hub_id": "Own/X", "architecture": "LlamaForCausalLM",
        "model_type": "llama", "good_at": "Nothing.", "purpose": (), "languages": ("English",),
        "licence": "apache-2.0", "gated": False, "parameters": 28_832, "download_bytes": SIZE,
        "packaged": False, "own_code": False,
        "dimensions": {
            "hidden_size": 32, "layers": 2, "heads": 4, "kv_heads": 2, "ffn_size": 48,
            "vocab_size": 400, "context_length": 512, "tied_embeddings": True,
        },
    }  # fmt: skip
    return catalogue.CatalogueEntry.model_validate(values | changes)


@pytest.fixture
def check(hub, monkeypatch, capsys):  # noqa: F811
    def run(**changes):
        found = entry(**changes)
        monkeypatch.setattr(check_models, "load_everything", lambda: (found,))
        return main(["--endpoint", hub.url]), capsys.readouterr().out

    return run


def test_an_entry_that_is_right(hub, check):  # noqa: F811
    hub.add("Own/X", FILES)
    code, said = check(parameters=entry().shape.total_parameters)
    assert said == "x: as noted\nentries 1, different 0\n"
    assert code == 0
    assert hub.served["model.safetensors"] < 70_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"licence": "mit"}, "licence apache-2.0, not mit"),
        ({"gated": True}, "gated no, not yes"),
        ({"download_bytes": 5}, "not 5"),
        ({"model_type": "qwen3"}, "LlamaForCausalLM (llama)"),
        ({"parameters": 5}, "not 5"),
        ({"hub_id": "Own/Gone"}, "hub.no_model"),
        ({"dimensions": {**entry().dimensions, "context_length": 9}}, "context_length 512, not 9"),
    ],
)
def test_an_entry_that_is_wrong(hub, check, changes, said):  # noqa: F811
    hub.add("Own/X", FILES)
    values = {"parameters": entry().shape.total_parameters} | changes
    code, found = check(**values)
    assert code == 1
    assert said in found


def test_one_that_cannot_be_trained_is_only_listed(hub, check):  # noqa: F811
    hub.add("Own/X", FILES)
    code, _ = check(architecture="OtherForCausalLM", dimensions=None)
    assert code == 0
    assert not hub.served


def test_only_some(hub, monkeypatch, capsys):  # noqa: F811
    assert main(["--endpoint", hub.url, "--only", "none"]) == 0
    assert "entries 0" in capsys.readouterr().out
