"""Ollama's template says what the model's own says, or is left out."""

import pytest

from core.chat.template import end_processes, render_chat
from core.data.example import Example, Message, Source
from core.export.gguf.modelfile import Modelfile, common_system, pieces_of


@pytest.fixture(autouse=True)
def templates_end():
    yield
    end_processes()


def test_the_template_of_chatml_with_a_system_prompt_of_its_own(tokenizer):
    pieces = pieces_of(tokenizer)
    assert pieces.begin.startswith("<|im_start|>system\nYou are a helpful AI assistant")
    assert pieces.system == "<|im_start|>system\n"
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert pieces.render(chat) == render_chat(tokenizer, chat, add_generation_prompt=True)


def test_a_whole_modelfile(tokenizer):
    made = Modelfile.of("model-Q4_K_M.gguf", tokenizer, [2], "Be brief.")
    lines = made.text.splitlines()
    assert made.explicit
    assert lines[0] == "FROM ./model-Q4_K_M.gguf"
    assert lines[1].startswith('TEMPLATE """{{ $first := true }}{{ range .Messages }}')
    assert '{{ "<|im_end|>\\n<|im_start|>assistant\\n" }}' in lines[1]
    assert 'SYSTEM """Be brief."""' in lines
    assert 'PARAMETER stop "<|im_end|>"' in lines


TRICKY = "{% for m in messages %}{{ loop.length }}{{ m.content }}{% endfor %}?"


def test_what_pieces_cannot_say_is_left_to_the_file(tokenizer, monkeypatch):
    monkeypatch.setattr(tokenizer, "chat_template", TRICKY)
    made = Modelfile.of("x.gguf", tokenizer, [2])
    assert not made.explicit
    assert "TEMPLATE" not in made.text
    assert 'PARAMETER stop "<|im_end|>"' in made.text


def example(*turns: tuple[str, str]) -> Example:
    return Example(tuple(Message(role, text) for role, text in turns), Source("x", 0))


def test_a_system_prompt_that_all_share_is_kept():
    same = [example(("system", "S"), ("user", str(n)), ("assistant", "a")) for n in range(3)]
    assert common_system(same) == "S"
    assert common_system([*same, example(("user", "x"), ("assistant", "a"))]) == ""
    assert common_system([]) == ""
