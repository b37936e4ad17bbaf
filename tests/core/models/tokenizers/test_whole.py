import base64
import json
import random
from itertools import pairwise

import pytest
import sentencepiece

from core.errors import UserFacingError
from core.export.tokenizer import write_tokenizer
from core.models.inspection import inspect_model
from core.models.loading import load_tokenizer
from core.models.tokenizers.conversion import SAMPLES
from core.models.tokenizers.whole import tokenizer_folder
from core.models.vocabulary import end_of_text
from tests.core.models.folders import make_model

WORDS = [
    "water",
    "vinegar",
    "kettle",
    "soil",
    "and",
    "the",
    "Größe",
    "café",
    "日本",
    "42",
    "x",
    "=",
]
PATTERN = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+"
OTHERS = [*SAMPLES, "The kettle boils twice.", "   ", "vinegar\tand\nwater", "🙂🙂 soil", "x=y;"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def a_base(folder, **sizes):
    make_model(folder, **sizes)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink(missing_ok=True)
    return folder


def with_pieces(folder, **options):
    base = a_base(folder, vocab_size=500)
    numbers = random.Random(3)
    texts = (" ".join(numbers.choices(WORDS, k=12)) for _ in range(400))
    given = {"model_type": "bpe", "byte_fallback": True, "vocab_size": 420, **options}
    with (base / "tokenizer.model").open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=texts, model_writer=stream, minloglevel=2,
            hard_vocab_limit=False, **given,
        )  # fmt: skip
    return base


@pytest.mark.parametrize(
    "options",
    [
        {"normalization_rule_name": "identity", "remove_extra_whitespaces": False},
        {"normalization_rule_name": "nmt_nfkc"},
        {"model_type": "unigram", "remove_extra_whitespaces": False},
        {"add_dummy_prefix": False, "normalization_rule_name": "identity",
         "remove_extra_whitespaces": False, "user_defined_symbols": ["[TOOL]", "\n\n"]},
    ],
    ids=["llama", "nfkc", "unigram", "gemma"],
)  # fmt: skip
def test_a_sentencepiece_file_gives_the_same_tokens(tmp_path, options):
    base = with_pieces(tmp_path / "base", **options)
    original = sentencepiece.SentencePieceProcessor(model_file=str(base / "tokenizer.model"))
    tokenizer = load_tokenizer(base)
    for text in OTHERS:
        found = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert found == original.encode(text), text
        assert tokenizer.decode(found) == original.decode(found)
    assert tokenizer("a")["input_ids"][0] == original.bos_id() == tokenizer.bos_token_id
    assert (tokenizer.eos_token, end_of_text(base)) == ("</s>", "</s>")


def test_it_is_converted_once_and_the_base_stays_as_it_is(tmp_path, home, monkeypatch):
    base = with_pieces(tmp_path / "base", normalization_rule_name="identity",
                       remove_extra_whitespaces=False)  # fmt: skip
    before = sorted(path.name for path in base.iterdir())
    first = load_tokenizer(base)
    monkeypatch.setattr("core.models.tokenizers.whole._convert", None)
    assert load_tokenizer(base).get_vocab() == first.get_vocab()
    assert sorted(path.name for path in base.iterdir()) == before
    assert tokenizer_folder(base).is_relative_to(home)


def test_the_export_holds_the_converted_one(tmp_path):
    from transformers import AutoTokenizer

    base = with_pieces(tmp_path / "base", normalization_rule_name="identity",
                       remove_extra_whitespaces=False)  # fmt: skip
    tokenizer = load_tokenizer(base)
    (tmp_path / "export").mkdir()
    write_tokenizer(base, tokenizer, tmp_path / "export")
    again = AutoTokenizer.from_pretrained(tmp_path / "export")
    assert all(again(text)["input_ids"] == tokenizer(text)["input_ids"] for text in OTHERS)


def test_what_would_become_other_tokens_is_refused(tmp_path, monkeypatch):
    base = with_pieces(tmp_path / "base", normalization_rule_name="identity",
                       remove_extra_whitespaces=False)  # fmt: skip
    monkeypatch.setattr("core.models.tokenizers.conversion._normalizer", lambda _: None)
    with pytest.raises(UserFacingError, match="no readable tokenizer") as caught:
        load_tokenizer(base)
    assert "instead of" in caught.value.details


@pytest.mark.parametrize(
    "content", [b"", b"\x0a\xff", b"\x0a\x03abc", b"not a model", b"\xff" * 99]
)
def test_a_damaged_file_is_refused_in_words(tmp_path, content):
    base = a_base(tmp_path / "base")
    (base / "tokenizer.model").write_bytes(content)
    assert end_of_text(base) == ""
    with pytest.raises(UserFacingError, match="no readable tokenizer"):
        load_tokenizer(base)


def with_tekken(folder):
    base = a_base(folder, vocab_size=300)
    tokens = [bytes([n]) for n in range(256)] + [
        b"th",
        b"the",
        b" the",
        b"er",
        b"ing",
        b"wat",
        b"water",
    ]
    tokens += [b"wa"]
    special = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
    (base / "tekken.json").write_text(
        json.dumps(
            {
                "config": {"pattern": PATTERN,
                           "default_vocab_size": len(tokens) + 10,
                           "default_num_special_tokens": 10, "version": "v7"},
                "vocab": [{"token_bytes": base64.b64encode(token).decode()} for token in tokens],
                "special_tokens": [{"rank": n, "token_str": t} for n, t in enumerate(special)],
            }
        )
    )  # fmt: skip
    return base, {token: number for number, token in enumerate(tokens)}


def by_ranks(text, ranks):
    """What a Tekken file says: in each word the pair of the lowest rank becomes one, again."""
    import regex

    found = []
    for word in regex.findall(PATTERN, text):
        parts = [bytes([byte]) for byte in word.encode()]
        if word.encode() in ranks:
            parts = [word.encode()]
        while pairs := [(ranks[a + b], n) for n, (a, b) in enumerate(pairwise(parts))
                        if a + b in ranks]:  # fmt: skip
            _, at = min(pairs)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        found += [ranks[part] + 10 for part in parts]
    return found


def test_a_tekken_file_gives_the_same_tokens(tmp_path):
    base, ranks = with_tekken(tmp_path / "base")
    assert inspect_model(base).end == "</s>"
    tokenizer = load_tokenizer(base)
    for text in [*OTHERS, "the water there, the ingwater"]:
        found = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert found == by_ranks(text, ranks), text
        assert tokenizer.decode(found) == text
    assert tokenizer("[INST]a")["input_ids"][:2] == [1, 3]
