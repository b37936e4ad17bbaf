import pytest

from core.errors import UserFacingError
from core.models.hub.connection import checked_endpoint
from core.models.hub.listing import LeftOut, RemoteFile, select
from core.models.hub.reference import HubReference
from tests.core.models.hub.conftest import listed
from tests.loopback_hub import git_sha1, model_files

OTHERS = {
    "README.md": "not needed",
    "logo.png": "not needed",
    "pytorch_model.bin": "hide harmful programs",
    "optimizer.pt": "hide harmful programs",
    "modeling_x.py": "program code",
    "model.Q4_K_M.gguf": "made for using",
    "model.onnx": "made for using",
    "tf_model.h5": "made for using",
    "consolidated.safetensors": "same weights in another form",
    "adapter_model.safetensors": "an adapter",
    "original/params.json": "folder of its own",
    "onnx/model.safetensors": "folder of its own",
    "../../etc/passwd": "folder of its own",
    "..\\config.json": "folder of its own",
    "/etc/passwd": "folder of its own",
    "con.json": "cannot be used on every system",
    "AUX.safetensors": "cannot be used on every system",
    "config.json:stream": "cannot be used on every system",
    "tokenizer.json ": "cannot be used on every system",
    ".config.json": "cannot be used on every system",
    "tokenizer\n.json": "cannot be used on every system",
    "x" * 300 + ".json": "cannot be used on every system",
}


def test_only_what_is_trained_with_at_one_pinned_version(hub):
    files = model_files(parts=2)
    repo = hub.add("a/b", files | {name: b"x" for name in OTHERS if name != "README.md"})
    listing = listed(hub)
    assert hub.served == {}, "nothing beyond the list"
    assert len(hub.seen) == 1
    assert listing.commit == repo.head and listing.revision == "main"
    assert listing.licence == "apache-2.0"
    assert {file.name for file in listing.files} == set(files) - {"README.md"}
    assert listing.size == sum(len(c) for name, c in files.items() if name != "README.md")
    for file in listing.files:
        assert file.sha256 or file.git_sha1 == git_sha1(files[file.name])
    assert len(listing.weights) == 2 and all(file.sha256 for file in listing.weights)
    assert listing.reference == HubReference("a/b", repo.head)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_left_out_and_why(name):
    files = [RemoteFile(name=n, size=1) for n in ("model.safetensors", "config.json", name)]
    taken, left_out = select(files)
    assert [file.name for file in taken] == ["model.safetensors", "config.json"]
    assert OTHERS[name] in left_out[0].reason


def test_names_that_are_one_on_windows_and_files_that_are_too_large():
    files = [RemoteFile(name="license", size=1), RemoteFile(name="LICENSE", size=1)]
    _, left_out = select(files)
    assert left_out == [
        LeftOut(name="LICENSE", size=1, reason="another file has the same name on Windows")
    ]
    _, left_out = select([RemoteFile(name="config.json", size=10**12)])
    assert "too large" in left_out[0].reason


def bare(*names):
    return dict.fromkeys(names, b"x")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (bare("config.json", "tokenizer.json", "pytorch_model.bin"), "hub.pickle"),
        (bare("config.json", "tokenizer.json", "model-00001-of-00002.bin"), "hub.pickle"),
        (bare("model.gguf", "README.md"), "hub.gguf"),
        (bare("adapter_config.json", "adapter_model.safetensors", "tokenizer.json"), "hub.adapter"),
        (bare("README.md"), "hub.no_weights"),
        ({}, "hub.no_weights"),
        (bare("model.safetensors"), "hub.no_weights"),
        (bare("config.json", "consolidated.safetensors"), "hub.no_weights"),
        (bare("config.json", "model.safetensors"), "hub.no_tokenizer"),
    ],
)
def test_models_that_are_refused_with_the_reason(hub, files, code):
    hub.add("a/b", files)
    with pytest.raises(UserFacingError) as refusal:
        listed(hub)
    assert refusal.value.code == code
    assert "a/b" in refusal.value.what


def test_an_adapter_names_its_base(hub):
    files = bare("adapter_config.json", "adapter_model.safetensors")
    repo = hub.add("a/b", files)
    repo.extra = {"cardData": {"base_model": "Qwen/Qwen3-4B"}}
    with pytest.raises(UserFacingError, match="Qwen/Qwen3-4B"):
        listed(hub)


@pytest.mark.parametrize(
    ("name", "lie", "code"),
    [
        ("model.safetensors", {"sha256": "abc"}, "hub.unverifiable"),
        ("model.safetensors", {"sha256": None}, "hub.unverifiable"),
        ("config.json", {"blobId": None}, "hub.unverifiable"),
        ("config.json", {"size": None}, "hub.unverifiable"),
        ("config.json", {"size": -5}, "hub.bad_answer"),
        ("config.json", {"size": "many"}, "hub.bad_answer"),
        ("model.safetensors", {"lfs_size": 2**50}, "hub.bad_answer"),
        ("model.safetensors", {"lfs_size": 2**36}, "hub.part_too_large"),
        ("config.json", {"rfilename": None}, "hub.no_weights"),
        ("model.safetensors", {"lfs": {"size": 3}}, "hub.bad_answer"),
    ],
)
def test_lists_that_cannot_be_true(hub, name, lie, code):
    hub.add("a/b", lies={name: lie})
    with pytest.raises(UserFacingError) as refusal:
        listed(hub)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("card", "tags", "licence"),
    [
        ({"license": "MIT"}, [], "mit"),
        ({"license": "other", "license_name": "Gemma"}, [], "gemma"),
        ({"license": "other"}, [], "other"),
        (None, ["text", "license:apache-2.0"], "apache-2.0"),
        (None, [], "unknown"),
        ({"license": ["a", "b"]}, None, "unknown"),
    ],
)
def test_licences(hub, card, tags, licence):
    hub.add("a/b", extra={"cardData": card, "tags": tags})
    assert listed(hub).licence == licence


@pytest.mark.parametrize(("said", "gated"), [(False, ""), ("auto", "auto"), ("manual", "manual")])
def test_terms(hub, said, gated):
    hub.add("a/b", gated=said)
    assert listed(hub).gated == gated
    assert checked_endpoint(hub.url).is_private_way
