"""A base with its fine-tunes is loaded once and answers as each of them."""

import pytest

from core.errors import UserFacingError
from core.generation.spec import Ask, Turn
from core.models.lora import Update
from core.serving import loading
from core.serving.loading import load_generator
from tests.core.generation.test_generator import Heard

QUESTION = (Turn(role="user", content="What comes after 35?"),)


def test_base_and_fine_tune_answer_side_by_side(walked):
    run = next(run.name for run in walked.project.runs() if run.name.startswith("train"))
    generator = load_generator(walked.project, [run], walked.base)
    try:
        assert list(generator.models) == ["base", run]
        heard = {name: Heard() for name in generator.models}
        for name, hear in heard.items():
            ask = Ask(id=name, model=name, messages=QUESTION, temperature=0.0, max_tokens=8)
            generator.ask(ask, hear)
        assert all(hear.last().kind == "done" for hear in heard.values())
        assert heard["base"].text != heard[run].text
        assert generator.context >= 512
    finally:
        generator.close()


def test_an_adapter_of_another_base_is_refused(walked, monkeypatch):
    import torch

    run = next(run.name for run in walked.project.runs() if run.name.startswith("train"))
    strange = {"model.layers.9.self_attn.q_proj": Update(torch.ones(1, 2), torch.ones(2, 1), 1.0)}
    monkeypatch.setattr(loading, "read_all_updates", lambda _folder: (strange, {}))
    with pytest.raises(UserFacingError) as refusal:
        load_generator(walked.project, [run], walked.base)
    assert refusal.value.code == "generation.other_adapter"


def test_an_adapter_of_another_kind_is_not_said_to_belong_elsewhere(walked, monkeypatch):
    from core.models.lora import UnknownAdapterError

    def strange(_folder):
        raise UnknownAdapterError(["rank_pattern"])

    run = next(run.name for run in walked.project.runs("train"))
    monkeypatch.setattr(loading, "read_all_updates", strange)
    with pytest.raises(UserFacingError) as refusal:
        load_generator(walked.project, [run], walked.base)
    assert refusal.value.code == "generation.other_kind"
    assert refusal.value.details == "rank_pattern"


def test_a_fine_tune_answers_on_the_base_as_it_was_trained_on(own_copy):
    run = next(own_copy.runs("train"))
    assert loading.kept_as(own_copy, [run.name]) == "nf4"
    text = run.config_file.read_text().replace("nf4", "none")
    run.config_file.write_text(text)
    assert loading.kept_as(own_copy, [run.name]) == "none"
    assert loading.kept_as(own_copy, []) == loading.kept_as(None, []) == "nf4"


def test_a_small_memory_shortens_conversations(monkeypatch, walked):
    from core.models.loading import load_base

    model = load_base(walked.base, "none", "cpu")
    one = loading.bytes_of_a_token(model.config)
    for share, slots in ((1 << 20, 4), (3000 * 2, 1), (600 * 2, 1)):
        monkeypatch.setattr(loading, "free_bytes", lambda _device, n=share: n * one)
        monkeypatch.setattr("core.generation.room.free_bytes", lambda _device, n=share: n * one)
        found, context = loading._room(model, "cpu")
        assert found == slots
        assert 512 <= context <= max(512, share // 2)
