"""Many answers at once from the sample model: each whole, ended once, in nobody else's way."""

import threading
import time

import pytest

from core.generation.choice import decoder_for
from core.generation.generator import BatchGenerator
from core.generation.side_by_side.linears import AdapterBank
from core.generation.spec import Ask, Done, Piece, Refused, Turn

CAPITALS = {"Japan": "Tokyo", "England": "London", "France": "Paris"}


class Heard:
    """What is heard of one answer."""

    def __init__(self):
        self.events, self.ended = [], threading.Event()

    def __call__(self, event):
        self.events.append(event)
        if not isinstance(event, Piece):
            self.ended.set()

    @property
    def text(self):
        return "".join(event.text for event in self.events if isinstance(event, Piece))

    def last(self):
        assert self.ended.wait(120), "no end"
        return self.events[-1]


def ask(generator, id, text, **values):
    heard = Heard()
    values = {"temperature": 0.0, "max_tokens": 24, **values}
    messages = (Turn(role="user", content=text),)
    generator.ask(Ask(id=id, messages=messages, **values), heard)
    return heard


@pytest.fixture(scope="module")
def parts(sample_model):
    from core.models.loading import load_base, load_tokenizer

    return load_base(sample_model, "none", "cpu").eval(), load_tokenizer(sample_model)


@pytest.fixture
def generator(parts):
    model, tokenizer = parts
    found = BatchGenerator(model, tokenizer, decoder_for(model, AdapterBank(model), 2, 160))
    yield found
    found.close()


def test_more_questions_than_rows_are_all_answered(generator):
    heard = {c: ask(generator, c, f"What is the capital of {c}?") for c in CAPITALS}
    for country, capital in CAPITALS.items():
        done = heard[country].last()
        assert isinstance(done, Done)
        assert capital in heard[country].text
        assert done.reason in ("stop", "length")
        assert 0 < done.first_token_seconds <= done.seconds
        assert done.tokens > 0 and done.prompt_tokens > 10
        assert sum(not isinstance(e, Piece) for e in heard[country].events) == 1


def test_an_answer_ends_at_its_limit(generator):
    heard = ask(generator, "1", "Tell a long tale.", max_tokens=5)
    assert heard.last().reason == "length"
    assert heard.events[-1].tokens == 5


def test_a_stop_text_ends_an_answer(generator):
    heard = ask(generator, "1", "What is the capital of Japan?", stop=("Tokyo",))
    assert heard.last().reason == "stop"
    assert "Tokyo" not in heard.text and heard.text


def test_the_same_seed_draws_the_same_answer(generator):
    texts = set()
    for seed in (1, 1, 2):
        heard = ask(generator, "1", "Write a word.", temperature=1.5, top_p=1.0, seed=seed)
        heard.last()
        texts.add((seed, heard.text))
    assert len(texts) == 2


def test_a_cancelled_answer_ends_and_leaves_the_others_alone(generator):
    long = ask(generator, "long", "Tell a long tale.", max_tokens=120)
    other = ask(generator, "other", "What is the capital of Japan?")
    waits = ask(generator, "waits", "Tell another tale.", max_tokens=100)
    generator.cancel("waits")
    generator.cancel("long")
    generator.cancel("nobody")
    assert long.last().reason == "cancelled"
    assert waits.last().reason == "cancelled"
    assert "Tokyo" in (other.last() and other.text)


def test_a_conversation_is_not_read_twice(generator, monkeypatch):
    heard = ask(generator, "1", "What is the capital of Japan?")
    heard.last()
    read = []
    real = generator._decoder.read
    monkeypatch.setattr(
        generator._decoder, "read", lambda row, ids, n: read.append(len(ids)) or real(row, ids, n)
    )
    again = Heard()
    turns = (
        Turn(role="user", content="What is the capital of Japan?"),
        Turn(role="assistant", content=heard.text),
        Turn(role="user", content="And of France?"),
    )
    generator.ask(Ask(id="2", messages=turns, temperature=0.0, max_tokens=12), again)
    done = again.last()
    assert sum(read) < done.prompt_tokens - 30, "the first question and answer are in the row"
    monkeypatch.undo()
    fresh = Heard()
    for row in range(generator.slots):
        generator._rows[row].ids.clear()
    generator.ask(Ask(id="3", messages=turns, temperature=0.0, max_tokens=12), fresh)
    fresh.last()
    assert fresh.text == again.text


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"model": "nobody"}, "generation.unknown_model"),
        ({"text": "word " * 400}, "generation.prompt_too_long"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(generator, values, code):
    text = values.pop("text", "Hello")
    refused = ask(generator, "1", text, **values).last()
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.what and refused.todo


def test_a_name_in_use_is_refused_and_the_first_goes_on(generator):
    first = ask(generator, "1", "What is the capital of Japan?")
    assert ask(generator, "1", "Hello").last().code == "generation.id_in_use"
    assert isinstance(first.last(), Done)


@pytest.mark.parametrize(
    ("fault", "code"),
    [(MemoryError(), "generation.out_of_memory"), (ValueError("odd"), "generation.failed")],
)
def test_a_fault_ends_what_was_in_progress_and_nothing_later(generator, monkeypatch, fault, code):
    def fail(*_):
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(generator._decoder, "step", fail)
        assert ask(generator, "1", "Tell a tale.").last().code == code
    assert "Tokyo" in _answer(generator)


def _answer(generator):
    heard = ask(generator, "again", "What is the capital of Japan?")
    heard.last()
    return heard.text


def test_closing_ends_everything_and_nothing_begins_afterwards(parts):
    model, tokenizer = parts
    generator = BatchGenerator(model, tokenizer, decoder_for(model, AdapterBank(model), 2, 160))
    heard = [ask(generator, str(i), "Tell a long tale.", max_tokens=120) for i in range(4)]
    started = time.monotonic()
    generator.close()
    assert time.monotonic() - started < 30
    assert [h.last().reason for h in heard] == ["cancelled"] * 4
    assert ask(generator, "5", "Hello").last().code == "generation.closed"
