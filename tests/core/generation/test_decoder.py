"""Rows that begin and end on their own compute what the model computes for each of them alone."""

import pytest
import torch

from core.generation.decoder import BatchDecoder, _power_of_two, is_only_unrecordable
from core.generation.plain import PlainDecoder
from core.generation.side_by_side.linears import AdapterBank

FAMILIES = {
    "Llama": {},
    "Qwen3": {"head_dim": 16},
    "Mistral": {"sliding_window": 6},
    "Gemma3": {"sliding_window": 6, "head_dim": 16},
    "Gemma2": {"sliding_window": 6, "head_dim": 16},
    "GptOss": {"sliding_window": 6, "head_dim": 16, "num_local_experts": 4},
}


def make(family, **changes):
    """Return a tiny random model of a family in float32."""
    import transformers

    special = {"Gemma3": "Gemma3TextConfig"}.get(family, f"{family}Config")
    config = getattr(transformers, special)(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
        pad_token_id=0, **changes,
    )  # fmt: skip
    torch.manual_seed(1)
    model = getattr(transformers, f"{family}ForCausalLM")(config).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.data.mul_(3.0)  # a fresh model is sure of nothing
    return model


def logits_of(model, ids):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].float()


def near(found, wanted):
    """Whether two logits [V] are the same but for the rounding of bf16."""
    return (found - wanted).abs().max() <= 0.03 * (wanted.max() - wanted.min())


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_of_different_lengths_are_what_each_is_alone(family):
    model = make(family, **FAMILIES[family])
    texts = {0: list(range(3, 20)), 2: [5, 9], 1: list(range(40, 49))}
    wanted, decoder = {}, BatchDecoder(model, AdapterBank(model), slots=4, context=40)
    for row, ids in texts.items():
        assert near(decoder.read(row, ids, 0), logits_of(make(family, **FAMILIES[family]), ids))
    for step in range(6):
        tokens = {row: 11 + step + row for row in texts}
        found = decoder.step(tokens, {})
        reference = make(family, **FAMILIES[family])
        for place, row in enumerate(tokens):
            texts[row].append(tokens[row])
            wanted[row] = logits_of(reference, texts[row])
            assert near(found[place], wanted[row]), (family, step, row)


def test_a_long_prompt_is_read_in_parts(monkeypatch):
    model, ids = make("Llama"), [(7 * i) % 90 + 3 for i in range(30)]
    monkeypatch.setattr("core.generation.decoder._CHUNK", 8)
    decoder = BatchDecoder(model, AdapterBank(model), slots=1, context=40)
    assert near(decoder.read(0, ids, 0), logits_of(make("Llama"), ids))


def test_what_a_row_holds_can_be_kept_for_the_next_question():
    model, ids = make("Llama"), [(7 * i) % 90 + 3 for i in range(20)]
    decoder = BatchDecoder(model, AdapterBank(model), slots=2, context=40)
    decoder.read(1, ids, 0)
    assert decoder.keep(1, 12) == 12
    other = [*ids[:12], 50, 51, 52]
    assert near(decoder.read(1, other[12:], 0), logits_of(make("Llama"), other))
    assert decoder.keep(0, 5) == 0


def test_a_resting_row_keeps_what_it_holds():
    model, ids = make("Llama"), [5, 6, 7, 8]
    decoder = BatchDecoder(model, AdapterBank(model), slots=2, context=40)
    decoder.read(0, ids, 0)
    decoder.read(1, [9, 10], 0)
    for token in (11, 12, 13):
        decoder.step({1: token}, {})
    found = decoder.step({0: 14}, {})
    assert near(found[0], logits_of(make("Llama"), [*ids, 14]))


@pytest.mark.parametrize("kind", [BatchDecoder, PlainDecoder])
def test_a_row_that_moves_continues_where_it_was(kind):
    model, ids = make("Llama"), [5, 6, 7, 8]
    decoder = kind(model, AdapterBank(model), slots=3, context=40)
    decoder.read(0, [20, 21, 22, 23, 24, 25], 0)
    decoder.read(2, ids, 0)
    decoder.move(2, 0)
    assert near(decoder.step({0: 14}, {})[0], logits_of(make("Llama"), [*ids, 14]))
    assert decoder.keep(2, 9) == 0
    assert near(decoder.read(2, [30, 31], 0), logits_of(make("Llama"), [30, 31]))


def test_a_row_can_be_filled_to_its_last_place():
    model = make("Llama")
    decoder = BatchDecoder(model, AdapterBank(model), slots=1, context=8)
    decoder.read(0, list(range(3, 10)), 0)
    found = decoder.step({0: 30}, {})
    assert near(found[0], logits_of(make("Llama"), [*range(3, 10), 30]))


def test_the_plain_decoder_computes_the_same_and_forgets_whole_rows():
    model, ids = make("Llama"), [5, 6, 7, 8]
    decoder = PlainDecoder(model, AdapterBank(model), slots=2, context=40)
    decoder.read(0, ids, 0)
    decoder.read(1, [9], 0)
    found = decoder.step({1: 3, 0: 14}, {})
    assert near(found[1], logits_of(make("Llama"), [*ids, 14]))
    assert near(found[0], logits_of(make("Llama"), [9, 3]))
    assert decoder.keep(0, 5) == 5
    assert decoder.keep(0, 3) == 0, "a part cannot be taken back"
    assert near(decoder.read(0, [7, 7], 0), logits_of(make("Llama"), [7, 7]))


@pytest.mark.parametrize(
    ("error", "only"),
    [
        (RuntimeError("CUDA error: operation not permitted when stream is capturing"), True),
        (RuntimeError("CUDA error: operation failed due to a previous error during capture"), True),
        (TypeError("unexpected keyword"), True),
        (RuntimeError("CUDA error: unspecified launch failure"), False),
        (torch.OutOfMemoryError("CUDA out of memory."), False),
    ],
)
def test_what_cannot_be_recorded_is_no_failure_of_the_card(error, only):
    assert is_only_unrecordable(error) is only


@pytest.mark.parametrize(
    ("number", "most", "least", "size"),
    [(1, 8, 1, 1), (3, 8, 1, 4), (5, 6, 1, 6), (9, 900, 256, 256)],
)
def test_steps_come_in_few_sizes(number, most, least, size):
    assert _power_of_two(number, most, least) == size
