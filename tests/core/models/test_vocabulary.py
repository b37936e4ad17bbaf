"""Ends and tokens without weights, from the files of a folder alone."""

import json
import shutil

import pytest

from core.errors import UserFacingError
from core.models.inspection import inspect_model
from core.models.vocabulary import end_of_text, refuse_tokens_beyond, rows_of

ROWS = 49152


def change(path, **values):
    content = json.loads(path.read_text()) if path.exists() else {}
    content.update(values)
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}))


@pytest.fixture
def base(tiny_model, tmp_path):
    return shutil.copytree(tiny_model, tmp_path / "base")


def with_token(base, text, number):
    path = base / "tokenizer.json"
    content = json.loads(path.read_text())
    token = {**content["added_tokens"][-1], "id": number, "content": text}
    content["added_tokens"].append(token)
    path.write_text(json.dumps(content))


def test_rows(base, tmp_path):
    assert rows_of(base) == ROWS
    assert rows_of("") is None
    assert rows_of(tmp_path / "nothing") is None


def test_the_end_of_a_text_is_looked_for_in_several_files(base):
    assert end_of_text(base) == inspect_model(base).end == "<|im_end|>"
    change(base / "tokenizer_config.json", eos_token={"content": "</s>"})
    assert end_of_text(base) == "</s>"
    change(base / "tokenizer_config.json", eos_token=None)
    change(base / "generation_config.json", eos_token_id=[0, 2])
    assert end_of_text(base) == "<|endoftext|>"
    (base / "generation_config.json").unlink()
    change(base / "config.json", eos_token_id=2)
    assert end_of_text(base) == "<|im_end|>"
    change(base / "config.json", eos_token_id=None)
    assert end_of_text(base) == "<|endoftext|>", "the usual ones"
    change(base / "tokenizer.json", added_tokens=[])
    assert end_of_text(base) == inspect_model(base).end == ""


@pytest.mark.parametrize("where", ["eos_token", "chat_template.jinja", "chat_template"])
def test_a_token_beyond_the_weights_that_is_used_is_refused(base, where):
    with_token(base, "<|done|>", ROWS)
    inspect_model(base)  # a token that nothing uses harms nothing
    if where == "chat_template.jinja":
        (base / where).write_text("{{ messages[0].content }}<|done|>")
    else:
        change(base / "tokenizer_config.json", **{where: "x<|done|>"[where == "eos_token" :]})
        change(base / "tokenizer_config.json", eos_token="<|done|>")
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(base)
    assert refusal.value.code == "model.token_beyond"
    assert "<|done|>" in refusal.value.what
    assert "49,152" in refusal.value.what


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokenizer.json", "[]"),
        ("tokenizer.json", '{"added_tokens": {"a": 1}}'),
        ("tokenizer.json", '{"added_tokens": [1, {"id": "x"}]}'),
        ("tokenizer_config.json", '{"eos_token": ["</s>"]}'),
        ("tokenizer_config.json", "{"),
    ],
)
def test_strange_files_say_nothing(base, file, content):
    (base / file).write_text(content)
    assert isinstance(end_of_text(base), str)
    refuse_tokens_beyond(base, ROWS)
