import hashlib
import random
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.models.weights import WeightFile, fingerprint, read_header, weights_hash
from tests.core.models.folders import make_model


def with_header(path: Path, header: bytes, data: bytes = b"") -> Path:
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)
    return path


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (b"{", b""),
        (b"[]", b""),
        (b'{"a": 1}', b""),
        (b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"abc"),
        (b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"abcde"),
        (b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', b"abcd"),
        (b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', b"abcd"),
        (b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', b"abcdefgh"),
        (b'{"a": {"dtype": "F32", "shape": ["1"], "data_offsets": [0, 4]}}', b"abcd"),
        (b"[" * 50_000, b""),
    ],
)
def test_damaged_headers_are_named(tmp_path: Path, header: bytes, data: bytes) -> None:
    path = with_header(tmp_path / "x.safetensors", header, data)
    with pytest.raises(UserFacingError) as caught:
        read_header(path)
    assert caught.value.code == "model.damaged"
    assert "x.safetensors" in caught.value.what


@pytest.mark.parametrize("content", [b"", b"\x00" * 8, b"\xff" * 8, b"<!DOCTYPE html>"])
def test_no_safetensors_file_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserFacingError) as caught:
        read_header(path)
    assert caught.value.code == "model.damaged"


def test_every_cut_is_found(tmp_path: Path) -> None:
    whole = (make_model(tmp_path / "m") / "model.safetensors").read_bytes()
    path = tmp_path / "cut.safetensors"
    for size in random.Random(1).sample(range(len(whole)), 100):
        path.write_bytes(whole[:size])
        with pytest.raises(UserFacingError):
            read_header(path)


def test_hash_of_all_weights_sees_one_bit(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    path = folder / "model.safetensors"
    before, header = weights_hash(folder, [path.name]), read_header(path).raw_header
    calls: list[tuple[int, int]] = []
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert weights_hash(folder, [path.name], lambda *done: calls.append(done)) != before
    assert calls[-1] == (len(content), len(content))
    assert read_header(path).raw_header == header
    expected = hashlib.sha256(b"model.safetensors\0" + bytes(content)).hexdigest()
    assert weights_hash(folder, [path.name]) == expected


def test_each_fact_of_a_file_counts_for_the_fingerprint():
    whole = WeightFile(Path("model.safetensors"), 5000, b"header", {})
    others = [
        WeightFile(Path("other.safetensors"), 5000, b"header", {}),
        WeightFile(Path("model.safetensors"), 5001, b"header", {}),
        WeightFile(Path("model.safetensors"), 5000, b"reader", {}),
    ]
    found = {fingerprint(b"config", [file]) for file in (whole, *others)}
    assert len(found | {fingerprint(b"another", [whole])}) == 5
    assert fingerprint(b"config", [whole, others[0]]) == fingerprint(b"config", [others[0], whole])
