import pytest

from core.config.training import TrainingConfig
from core.planning.explanations import EXPLANATIONS


def test_every_value_is_explained() -> None:
    assert set(EXPLANATIONS) == set(TrainingConfig.model_fields)


@pytest.mark.parametrize("entry", EXPLANATIONS.values(), ids=lambda entry: entry.field)
def test_texts_are_short_sentences(entry) -> None:  # type: ignore[no-untyped-def]
    assert entry.text.endswith(".")
    assert 20 < len(entry.text) < 160
    assert entry.default == getattr(TrainingConfig(), entry.field)


def test_titles_texts_and_units_are_read_in_the_present_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = EXPLANATIONS["epochs"]
    assert (entry.title, entry.unit) == ("Passes through the examples (epochs)", "epochs")
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    assert all(text.startswith("⟦") for text in (entry.title, entry.text, entry.unit))
    assert EXPLANATIONS["seed"].unit == ""
