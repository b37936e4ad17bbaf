import pytest

from core.models.tokenizers.conversion import from_sentencepiece, from_tekken
from tests.core.models.tokenizers.test_whole import with_pieces


def test_models_of_whole_words_are_refused(tmp_path):
    base = with_pieces(tmp_path / "base", model_type="word", byte_fallback=False, vocab_size=20)
    with pytest.raises(ValueError, match="kind 3"):
        from_sentencepiece(base / "tokenizer.model")


def test_what_is_no_tekken_file_is_a_value_error(tmp_path):
    (tmp_path / "tekken.json").write_text("[1]")
    with pytest.raises(ValueError):
        from_tekken(tmp_path / "tekken.json")
