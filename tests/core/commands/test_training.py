"""The commands about training as you type them."""

import argparse
import json

import pytest

from core.cli import main
from core.commands import training
from core.config.training import load_config
from core.errors import UserFacingError
from core.wizard import load_state, save_state
from tests.core.commands.typed import document, said


def test_plan_prints_presets(walked, capsys):
    arguments = ["--project", str(walked.project.root), "--base", str(walked.base)]
    assert main(["plan", *arguments, "--vram", "8", "--json"]) == 0
    presets = document(capsys)["presets"]
    assert {p["fits"] for p in presets} == {"fits"}
    assert main(["plan", *arguments]) == 0
    assert "Balanced" in capsys.readouterr().out


def test_train_prints_one_event_a_line(walked, own_copy, capsys):
    arguments = ["--project", str(own_copy.root), "--base", str(walked.base)]
    values = ["--set", "max_steps=1", "--set", "effective_batch=2"]
    assert main(["train", *arguments, *values, "--json"]) == 0
    captured = capsys.readouterr()
    kinds = [json.loads(line)["kind"] for line in captured.out.splitlines()]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert "train_step" in kinds


def choose_in_the_window(project, **values):
    save_state(project, load_state(project).model_copy(update=values))


def test_training_and_plan_take_what_was_chosen_in_the_window(walked, own_copy, capsys):
    choose_in_the_window(
        own_copy, preset="gentle", overrides={"rank": 6}, cards=1, more_of="train-001"
    )
    arguments = ["--project", str(own_copy.root)]
    assert main(["train", *arguments, "--queue", "--json"]) == 0
    captured = capsys.readouterr()
    assert "Chosen in the window: Gentle · Adapter size (rank) 6. " in captured.err.replace(
        "\n", " "
    )
    assert "Cards: 1, as chosen in the window." in captured.err
    assert "Add --more train-001" in captured.err
    config = load_config(own_copy.run(json.loads(captured.out)["run"]).config_file)
    assert (config.rank, config.epochs) == (6, 2)
    assert main(["plan", *arguments, "--json"]) == 0
    plan = document(capsys)
    assert plan["chosen"]["config"]["rank"] == 6
    assert [one["config"]["rank"] for one in plan["presets"]] == [16, 8, 16, 32]


@pytest.mark.parametrize(
    ("named", "rank", "epochs"),
    [(["--preset", "thorough"], 32, 4), (["--set", "epochs=1.5"], 16, 1.5)],
)
def test_what_the_command_names_counts_instead(walked, own_copy, capsys, named, rank, epochs):
    choose_in_the_window(own_copy, preset="gentle", overrides={"rank": 6})
    assert main(["train", "--project", str(own_copy.root), *named, "--queue", "--json"]) == 0
    captured = capsys.readouterr()
    assert "Chosen in the window" not in captured.err
    config = load_config(own_copy.run(json.loads(captured.out)["run"]).config_file)
    assert (config.rank, config.epochs) == (rank, epochs)


def test_more_cards_than_there_are_is_said(walked, own_copy, capsys):
    for command in ("plan", "train"):
        assert main([command, "--project", str(own_copy.root), "--cards", "9"]) == 1
        assert "cannot train with 9 cards together" in said(capsys)


def test_more_cards_in_the_window_than_there_are_now_are_done_without(walked, own_copy, capsys):
    choose_in_the_window(own_copy, cards=3)
    assert main(["train", "--project", str(own_copy.root), "--queue", "--json"]) == 0
    assert "Cards: 1, as chosen in the window." in capsys.readouterr().err


@pytest.mark.parametrize(
    "more", [["--cards", "1"], ["--set", "epochs=1"], ["--preset", "thorough"]]
)
def test_a_training_goes_on_as_it_began(walked, own_copy, capsys, more):
    assert main(["train", "--project", str(own_copy.root), "--resume", *more]) == 1
    assert "settings and cards that it began with" in said(capsys)


def test_the_refusal_has_its_code():
    with pytest.raises(UserFacingError) as end:
        training._refuse_with_resume(argparse.Namespace(cards=None, preset="", values=["epochs=1"]))
    assert end.value.code == "train.resume_as_it_is"


def test_fp8_can_be_asked_for(walked, own_copy, capsys):
    arguments = ["train", "--project", str(own_copy.root), "--set", "precision=fp8", "--queue"]
    assert main([*arguments, "--json"]) == 0
    run = own_copy.run(document(capsys)["run"])
    assert load_config(run.config_file).precision == "fp8"


@pytest.mark.usefixtures("cold_children")
def test_queued_trainings_run_one_after_the_other(walked, own_copy, capsys):
    arguments = ["--project", str(own_copy.root)]
    for seed in (1, 2):
        values = ["--set", f"seed={seed}", "--set", "max_steps=1", "--set", "rank=4"]
        base = ["--base", str(walked.base)]
        assert main(["train", *arguments, *base, *values, "--queue", "--json"]) == 0
        assert document(capsys)["run"] == f"train-00{seed + 1}"
    assert main(["queue", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = "Quick · Adapter size (rank) 4 · Seed 1 · Stop after 1"
    assert lines[0].startswith(f"train-002 ({named}): ")
    assert "waiting" in lines[0]
    assert lines[2].startswith("Total: ")
    assert main(["queue", *arguments, "--run", "--json"]) == 0
    report = document(capsys)
    assert [one["state"] for one in report["trainings"]] == ["done", "done"]
    assert report["seconds"][0] > 0
    assert own_copy.run("train-003").facts_file.is_file()


def test_an_empty_queue_says_how_to_fill_it(own_copy, capsys):
    assert main(["queue", "--project", str(own_copy.root)]) == 0
    assert "--queue" in capsys.readouterr().out
