import json

import pytest

from core.errors import UserFacingError
from core.models.hub.headers import read_beginning, read_headers
from core.models.inspection import inspect_model
from tests.core.models.hub.conftest import listed, reach
from tests.loopback_hub import Fault, model_files


@pytest.fixture
def place(tmp_path):
    (tmp_path / "b").mkdir()
    return tmp_path / "b"


@pytest.mark.parametrize("parts", [1, 3])
def test_what_a_model_needs_is_known_from_a_few_kilobytes(hub, place, tmp_path, parts):
    files = model_files(vocab=60_000, parts=parts)
    hub.add("a/b", files)
    with reach(hub) as way:
        early = read_headers(way, listed(hub), place)
    assert sum(hub.served.values()) < 0.1 * sum(map(len, files.values()))
    whole = tmp_path / "whole"
    whole.mkdir()
    for name, content in files.items():
        (whole / name).write_bytes(content)
    late = inspect_model(whole)
    assert early.shape == late.shape
    assert (early.fingerprint, early.dtype) == (late.fingerprint, late.dtype)


def test_a_head_longer_than_the_first_piece_and_a_hub_without_ranges(hub, place, monkeypatch):
    monkeypatch.setattr("core.models.hub.headers._FIRST_PIECE", 100)
    hub.add("a/b")
    hub.faults.append(Fault("ignore_range", where=".safetensors", times=-1))
    with reach(hub) as way:
        assert read_headers(way, listed(hub), place).parameters


def test_a_model_that_cannot_be_trained_is_refused_before_its_weights(hub, place):
    files = model_files()
    config = json.loads(files["config.json"]) | {"architectures": ["MambaForCausalLM"]}
    hub.add("a/b", files | {"config.json": json.dumps(config).encode()})
    with reach(hub) as way, pytest.raises(UserFacingError) as refusal:
        read_headers(way, listed(hub), place)
    assert refusal.value.code == "model.unsupported"
    assert hub.served["model.safetensors"] <= 64_000


@pytest.mark.parametrize(
    "content", [b"", b"123", b"<html>no safetensors at all</html>", b"\xff" * 99]
)
def test_weights_that_are_none(hub, place, content):
    hub.add("a/b", model_files() | {"model.safetensors": content})
    with reach(hub) as way, pytest.raises(UserFacingError) as refusal:
        read_headers(way, listed(hub), place)
    assert refusal.value.code == "model.damaged"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("status", where="config.json", value=500, times=-1), "hub.down"),
        (Fault("status", where="config.json", value=404, times=-1), "hub.no_model"),
        (Fault("wrong_piece", where="model.safetensors", times=-1), "hub.bad_answer"),
        (Fault("cut", where="model.safetensors", after=20, times=-1), "hub.broke_off"),
        (Fault("no_range", where="config.json", times=-1), "hub.no_range"),
    ],
)
def test_a_hub_that_gives_no_pieces(hub, place, fault, code):
    hub.add("a/b")
    hub.faults.append(fault)
    with reach(hub) as way, pytest.raises(UserFacingError) as refusal:
        read_headers(way, listed(hub), place)
    assert refusal.value.code == code


def test_a_huge_config_is_not_read(hub, place):
    hub.add("a/b", model_files() | {"config.json": b" " * 3_000_000})
    with reach(hub) as way, pytest.raises(UserFacingError) as refusal:
        read_headers(way, listed(hub), place)
    assert refusal.value.code == "hub.bad_answer"
    assert hub.served["config.json"] == 0


def test_nothing_is_asked_for_nothing(hub):
    hub.add("a/b")
    listing = listed(hub)
    with reach(hub) as way:
        assert read_beginning(way, listing, listing.files[0], 0) == b""
    assert not hub.served
