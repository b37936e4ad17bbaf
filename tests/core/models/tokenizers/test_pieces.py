import pytest

from core.models.tokenizers.pieces import BPE, BYTE, CONTROL, NORMAL, UNKNOWN, read_pieces
from tests.core.models.tokenizers.test_whole import with_pieces


def test_tokens_and_settings_are_read_as_sentencepiece_wrote_them(tmp_path):
    import sentencepiece

    path = with_pieces(tmp_path / "base", add_dummy_prefix=False) / "tokenizer.model"
    original = sentencepiece.SentencePieceProcessor(model_file=str(path))
    pieces = read_pieces(path)
    assert [token.text for token in pieces.tokens] == [
        original.id_to_piece(number) for number in range(len(original))
    ]
    for number, token in enumerate(pieces.tokens):
        assert token.score == pytest.approx(original.get_score(number))
        assert (token.kind == BYTE) == original.is_byte(number)
    assert pieces.of_kind(UNKNOWN, CONTROL) == ["<unk>", "<s>", "</s>"]
    assert pieces.of_kind(NORMAL)
    assert (pieces.model, pieces.begins_with_space, pieces.joins_spaces) == (BPE, False, True)


@pytest.mark.parametrize("content", [b"", b"\x0a\xff", b"\x0a\x03abc", b"\xff" * 99, b"\x07"])
def test_anything_else_is_a_value_error(tmp_path, content):
    (tmp_path / "tokenizer.model").write_bytes(content)
    with pytest.raises(ValueError):
        read_pieces(tmp_path / "tokenizer.model")
