"""The base's tokenizer files travel unchanged; what transformers 4 cannot read is made readable."""

import json
import shutil

import pytest

from core.export.tokenizer import write_generation, write_tokenizer
from core.models.loading import PLAIN_TEMPLATE, load_tokenizer
from tests.core.models.odd_bases import CONFIG, ODD_BASES

CHATS = [
    [{"role": "user", "content": "What comes after 7?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello  12 ü"}],
]


@pytest.fixture
def export(tiny_model, tmp_path):
    """Return a function that changes a base's files and exports its tokenizer."""

    def made(change):
        base = shutil.copytree(tiny_model, tmp_path / "base")
        change(base)
        folder = tmp_path / "export"
        folder.mkdir()
        write_tokenizer(base, load_tokenizer(base), folder)
        return base, folder

    return made


@pytest.mark.parametrize("change", ODD_BASES.values(), ids=ODD_BASES)
def test_it_reads_and_renders_like_the_one_that_was_trained_with(export, change):
    from transformers import AutoTokenizer

    base, folder = export(change)
    trained = load_tokenizer(base)
    theirs = AutoTokenizer.from_pretrained(str(folder))
    for chat in CHATS:
        text = trained.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        assert text == theirs.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        ids = trained(text, add_special_tokens=False)["input_ids"]
        assert theirs(text, add_special_tokens=False)["input_ids"] == ids
    assert trained.eos_token_id == theirs.eos_token_id
    config = json.loads((folder / CONFIG).read_text())
    assert config["tokenizer_class"] not in ("TokenizersBackend", "MysteryTokenizerFast")
    assert not isinstance(config.get("extra_special_tokens"), list)


def test_files_that_every_version_reads_are_copied_to_the_byte(export):
    base, folder = export(ODD_BASES["class of both versions"])
    for path in folder.iterdir():
        assert path.read_bytes() == (base / path.name).read_bytes()


def test_a_template_is_added_only_where_the_files_hold_another(export):
    _base, folder = export(ODD_BASES["template in the config"])
    assert not (folder / "chat_template.jinja").exists()


def test_the_plain_template_travels_with_an_adapter_that_learned_it(export):
    _base, folder = export(ODD_BASES["no template"])
    assert (folder / "chat_template.jinja").read_text() == PLAIN_TEMPLATE


def test_tokens_that_the_template_writes_are_named_where_the_files_do_not(tiny_model, tmp_path):
    from transformers import AutoTokenizer

    base = shutil.copytree(tiny_model, tmp_path / "base")
    ODD_BASES["no special tokens named"](base)
    trained = load_tokenizer(base)
    trained.eos_token, trained.bos_token = "<|endoftext|>", "<|im_start|>"
    trained.chat_template = "{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}"
    folder = tmp_path / "export"
    folder.mkdir()
    write_tokenizer(base, trained, folder)
    theirs = AutoTokenizer.from_pretrained(str(folder))
    text = theirs.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False)
    assert text == "<|im_start|>a<|endoftext|>"


def test_the_ends_are_those_that_were_learned(tiny_model, tmp_path):
    from transformers import GenerationConfig

    write_generation(tmp_path, [0, 2], load_tokenizer(tiny_model))
    settings = GenerationConfig.from_pretrained(str(tmp_path))
    assert settings.eos_token_id == [0, 2]
    assert settings.pad_token_id == 2
    assert settings.num_beams in (None, 1)
