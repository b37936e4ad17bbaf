import json
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.models.config import parse_config, read_json_object, refuse_custom_code
from core.models.inspection import inspect_model
from tests.core.models.folders import CONFIG, make_model


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a": "' + b"x" * 200,
    ],
)
def test_broken_json_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(UserFacingError) as caught:
        read_json_object(path, limit=150_000)
    assert caught.value.code == "model.broken_config"
    assert "config.json" in caught.value.what


def test_size_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"a": "x" * 200}), encoding="utf-8")
    assert read_json_object(path, limit=1000)[1]["a"] == "x" * 200
    with pytest.raises(UserFacingError, match="broken"):
        read_json_object(path, limit=100)


@pytest.mark.parametrize("value", [0, -1, 10**12, "many", None, 1.5, [32]])
def test_absurd_sizes_are_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(UserFacingError) as caught:
        parse_config(tmp_path / "config.json", CONFIG | {"hidden_size": value})
    assert caught.value.code == "model.broken_config"


def test_code_is_found_below_many_levels(tmp_path: Path) -> None:
    path = tmp_path / "generation_config.json"
    path.write_text('{"a":' * 400 + '{"auto_map": {}}' + "}" * 400, encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        refuse_custom_code(tmp_path, {path.name: path})
    assert caught.value.code == "model.custom_code"


def test_what_is_cut_off_by_the_limit_does_not_count_as_whole(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}' + " " * 100)
    assert read_json_object(path, 200)[1] == {"a": 1}
    with pytest.raises(UserFacingError) as refusal:
        read_json_object(path, 50)
    assert refusal.value.code == "model.broken_config"


def test_an_index_that_names_a_tensor_twice_is_refused(tmp_path):
    folder = make_model(tmp_path / "m")
    (folder / "model.safetensors").rename(folder / "a.safetensors")
    twice = '{"weight_map": {"model.norm.weight": "a.safetensors", "model.norm.weight": "b"}}'
    (folder / "model.safetensors.index.json").write_text(twice)
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.broken_config"
    assert "model.norm.weight" in refusal.value.details
