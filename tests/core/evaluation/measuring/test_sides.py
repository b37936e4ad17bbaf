from types import SimpleNamespace

from core.data.example import Message
from core.evaluation.measuring import sides
from core.evaluation.measuring.sides import Asked, Side, _Questions


def asked(budget, *questions):
    return _Questions([(Message("user", question),) for question in questions], budget)


def test_all_is_answered_in_one_go_and_each_group_gets_its_own(monkeypatch):
    rooms, told = [], []

    def answers(_model, _tokenizer, prompts, *, max_new_tokens, progress):
        rooms.append(max_new_tokens)
        progress(len(prompts))
        return [f"to {prompt}" for prompt in prompts]

    monkeypatch.setattr(sides, "generate_answers", answers)
    monkeypatch.setattr(sides, "render_prompt", lambda _tokenizer, turns: turns[-1].content)
    side = Side(SimpleNamespace(model=None, tokenizer=None), "tuned", None, Asked([]))
    link = SimpleNamespace(progress=lambda *said: told.append(said[1:3]))
    found = list(side._answer([asked(5, "a", "b"), asked(3), asked(7, "c")], link))
    assert found == [["to a", "to b"], [], ["to c"]]
    assert rooms == [[5, 5, 7]]
    assert told == [(3, 3)]
