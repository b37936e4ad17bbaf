import pytest

from core.planning.explanations import EXPLANATIONS
from core.training.config import TrainingConfig


def test_every_value_is_explained() -> None:
    assert set(EXPLANATIONS) == set(TrainingConfig.model_fields)


@pytest.mark.parametrize("entry", EXPLANATIONS.values(), ids=lambda entry: entry.field)
def test_texts_are_short_sentences(entry) -> None:  # type: ignore[no-untyped-def]
    assert entry.text.endswith(".")
    assert 20 < len(entry.text) < 160
    assert entry.default == getattr(TrainingConfig(), entry.field)
