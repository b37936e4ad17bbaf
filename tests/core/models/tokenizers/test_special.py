from core.models.tokenizers.special import special_of
from tests.core.models.tokenizers.test_whole import with_pieces, with_tekken


def test_special_tokens_are_found_in_either_file(tmp_path):
    assert special_of(with_pieces(tmp_path / "a")) == {"<unk>": 0, "<s>": 1, "</s>": 2}
    assert special_of(with_tekken(tmp_path / "b")[0])["[INST]"] == 3
    assert special_of(tmp_path) == {}
