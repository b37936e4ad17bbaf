"""Trying a prompt as you type it."""

import json

from core.actions.prompts import last_prompts
from core.cli import main
from core.commands.judging.prompt import prompt_lines
from core.evaluation.prompts.spec import PromptsResult, Tried
from core.wizard import load_state


def test_the_base_is_asked_before_anything_is_trained(own_copy, capsys):
    command = ["prompt", "--project", str(own_copy.root), "--questions", "3", "--text", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["shots"] for one in found["tried"]][:2] == [0, 1]
    assert found["questions"] == 3
    assert found["part"] == "validation"
    assert found["answers"] > 0 and found["everyday"] > 0
    assert found["summary"].endswith("Train if that is not good enough.")
    assert found["prompt"].endswith("Question:\n")
    state = load_state(own_copy)
    kept = last_prompts(own_copy, state.dataset_version, state.base_model)
    assert kept is not None and kept.questions == 3
    assert last_prompts(own_copy, "other", state.base_model) is None


def test_lines_name_a_subject_that_is_new():
    result = PromptsResult(
        questions=9, answers=4.0, everyday=1.0, tried=[Tried(shots=0, scores={"chrf": 1.0})]
    )
    lines = prompt_lines(result)
    assert lines[0].startswith("Do examples in the prompt help? Not enough to tell")
    assert "new to the base model" in lines[-1]
