import dataclasses

import pytest

from core.config.training import TrainingConfig
from core.language import Sentence
from core.planning.advice import advise, plain
from core.planning.presets import presets
from tests.core.planning.plan_inputs import BIG, SMALL


def about(field: str, **values: object):  # type: ignore[no-untyped-def]
    config = TrainingConfig(max_length=2048).with_values(values)
    roomy = dataclasses.replace(BIG, free_memory=None)
    found = [advice for advice in advise(roomy, config) if advice.field == field]
    return found[0] if found else None


def test_presets_need_no_advice() -> None:
    for plan_input in (BIG, SMALL):
        for preset in presets(plan_input):
            worse = [a for a in advise(plan_input, preset.config) if a.level != "hint"]
            assert worse == [], preset.key


def memory_advice(gib: int, **values: object):  # type: ignore[no-untyped-def]
    plan_input = dataclasses.replace(BIG, free_memory=gib << 30)
    config = TrainingConfig(max_length=2048).with_values(values)
    found = [advice for advice in advise(plan_input, config) if "memory" in advice.text]
    return found[0] if found else None


def test_what_does_not_fit_says_what_would() -> None:
    advice = memory_advice(16, quantisation="none")
    assert (advice.field, advice.suggestion, advice.level) == ("quantisation", "nf4", "problem")
    assert "GB free on the graphics card; the run would stop" in advice.text
    for tokens in (16384, 2048):  # fewer tokens at once are planned without asking
        assert memory_advice(16, micro_batch_tokens=tokens) is None
    assert memory_advice(16, micro_batch_tokens=2048, quantisation="none").suggestion == "nf4"
    shorter = memory_advice(8, micro_batch_tokens=2048)
    assert (shorter.field, shorter.suggestion) == ("max_length", 1024)
    assert memory_advice(8, micro_batch_tokens=2048, max_length=1024) is None
    assert memory_advice(5, micro_batch_tokens=64).text.endswith("Choose a smaller base model.")


def test_more_memory_of_the_computer_would_do_too() -> None:
    small = dataclasses.replace(BIG, free_memory=5 << 30, model_type="llama", host_memory=1 << 30)
    config = TrainingConfig(max_length=1024, micro_batch_tokens=1024)
    (advice,) = [a for a in advise(small, config) if a.level == "problem"]
    assert "free 4.5 GB of the computer's own memory" in advice.text
    enough = dataclasses.replace(small, host_memory=4_500_000_000)
    assert not [a for a in advise(enough, config) if a.level == "problem"]


def test_fewer_cards_would_do_where_each_needs_its_own_part() -> None:
    pair = dataclasses.replace(
        BIG, free_memory=5 << 30, model_type="llama", host_memory=4_500_000_000, cards=2
    )
    config = TrainingConfig(max_length=1024, micro_batch_tokens=1024)
    (advice,) = [a for a in advise(pair, config) if a.level == "problem"]
    assert "Use only one card. Then it fits" in advice.text
    roomy = dataclasses.replace(pair, host_memory=7_000_000_000)
    assert not [a for a in advise(roomy, config) if a.level == "problem"]


def test_the_accident_of_the_guide() -> None:
    advice = about("learning_rate", learning_rate=2e-3)
    assert advice.text == (
        "Learning rate 0.002 is about 40× the usual. Training will probably fail."
    )
    assert (advice.question, advice.suggestion) == ("Use 0.00005?", 5e-5)
    assert advice.level == "problem"


def test_a_learning_rate_that_does_nothing() -> None:
    advice = about("learning_rate", learning_rate=1e-6)
    assert advice.level == "warning"
    assert advice.text.startswith("Learning rate 0.000001 is about 1/50 of the usual.")


@pytest.mark.parametrize("rate", [2e-5, 5e-5, 1e-4, 1.9e-4])
def test_usual_learning_rates_are_left_alone(rate: float) -> None:
    assert about("learning_rate", learning_rate=rate) is None


@pytest.mark.parametrize(
    ("field", "value", "suggestion"),
    [
        ("rank", 128, 32),
        ("alpha", 256, 32),
        ("alpha", 4, 32),
        ("max_length", 200_000, 131_072),
        ("max_length", 256, 2048),
        ("epochs", 12.0, 3.0),
        ("epochs", 0.5, 1.0),
        ("effective_batch", 4000, 722),
        ("patience_epochs", 0.2, 0.5),
        ("dropout", 0.5, 0.1),
        ("clip_norm", 50.0, 1.0),
        ("clip_norm", 0.01, 1.0),
        ("warmup_fraction", 0.5, 0.05),
        ("weight_decay", 0.5, 0.0),
        ("checkpoint_minutes", 120.0, 10.0),
    ],
)
def test_a_bad_value_gets_a_better_one_that_needs_no_advice(
    field: str, value: object, suggestion: object
) -> None:
    advice = about(field, **{field: value})
    assert advice.suggestion == suggestion
    assert advice.text.endswith(".") and advice.question.endswith("?")
    assert about(field, **{field: suggestion}) is None


def test_a_rank_beyond_the_model() -> None:
    shape = dataclasses.replace(BIG.shape, hidden_size=64)
    found = advise(dataclasses.replace(BIG, shape=shape), TrainingConfig(rank=128))
    assert found[0].level == "problem"
    assert found[0].field == "rank"


def test_long_examples_and_missing_patience_are_hinted() -> None:
    assert "2000 tokens" in about("max_length", max_length=1024).text
    assert about("patience_epochs", patience_epochs=0.0, epochs=5.0).level == "hint"


def test_few_examples() -> None:
    texts = {}
    for count in (62, 5):
        data = dataclasses.replace(BIG.data, train_examples=count)
        found = advise(dataclasses.replace(BIG, data=data), TrainingConfig(effective_batch=4))
        texts |= {a.text: a.level for a in found if a.field == ""}
    style = (
        "Only 62 examples to learn from. Fine for changing style; too few to teach new knowledge."
    )
    nothing = "Only 5 examples to learn from. The model can learn almost nothing from so few."
    assert texts == {style: "warning", nothing: "problem"}


def test_too_few_steps() -> None:
    data = dataclasses.replace(BIG.data, train_examples=120)
    found = advise(dataclasses.replace(BIG, data=data), TrainingConfig())
    assert "only 12 steps" in next(a for a in found if a.field == "effective_batch").text


def test_no_unseen_examples() -> None:
    data = dataclasses.replace(BIG.data, validation_examples=0)
    found = advise(dataclasses.replace(BIG, data=data), TrainingConfig())
    assert any("memorise" in advice.text for advice in found)


def test_six_rounds_on_287_examples_memorise() -> None:
    data = dataclasses.replace(BIG.data, train_examples=287)
    found = advise(dataclasses.replace(BIG, data=data), TrainingConfig(epochs=6, effective_batch=8))
    assert [a.text for a in found if a.field == "epochs"] == [
        "With so few examples, 6 epochs make the model memorise them."
    ]


@pytest.mark.parametrize(("number", "text"), [(5e-5, "0.00005"), (2e-3, "0.002"), (1.0, "1")])
def test_numbers_without_exponents(number: float, text: str) -> None:
    assert plain(number) == text


def test_advice_is_given_in_the_present_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    tight = dataclasses.replace(BIG, free_memory=2 << 30)
    config = TrainingConfig(
        learning_rate=1e-2, rank=128, alpha=4, max_length=256, epochs=20, effective_batch=4000,
        patience_epochs=0.1, dropout=0.5, clip_norm=50, warmup_fraction=0.5, weight_decay=0.5,
        checkpoint_minutes=90,
    )  # fmt: skip
    found = advise(tight, config)
    assert len(found) >= 10
    for advice in found:
        assert advice.text.startswith("⟦") and advice.text.endswith("⟧")
        assert not advice.question or advice.question.startswith("⟦")
        assert advice.suggestion is None or not isinstance(advice.suggestion, Sentence)
