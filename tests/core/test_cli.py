"""The terminal commands as a person types them."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core import cli
from core.cli import main, parse_mixture, parse_values
from core.errors import UserFacingError
from core.project import Project
from core.training.config import load_config
from core.wizard import load_state, save_state


def document(capsys):
    return json.loads(capsys.readouterr().out)


def said(capsys):
    return " ".join(capsys.readouterr().err.split())


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows ü.csv"
    path.write_text("question,answer\n" + "".join(f"What is {n}?,It is {n}.\n" for n in range(60)))
    return path


def test_inspect_prints_one_document(rows, capsys):
    assert main(["inspect", str(rows), "--json"]) == 0
    report = document(capsys)
    assert report["rows_read"] == 60
    assert report["kept"] + report["dropped"] == 60
    assert report["format"] == "csv"


def test_inspect_reads_for_people_too(rows, capsys):
    assert main(["inspect", str(rows)]) == 0
    assert "Rows read: 60" in capsys.readouterr().out


@pytest.fixture
def unclear(tmp_path):
    path = tmp_path / "unclear.csv"
    lines = (f"{n},2024-03-{n % 28 + 1:02},short,note {n}\n" for n in range(40))
    path.write_text("nr,sent,kind,said\n" + "".join(lines))
    return path


def test_prepare_stops_where_it_would_only_guess(unclear, tmp_path, capsys):
    project = str(tmp_path / "p")
    assert main(["prepare", str(unclear), "--project", project]) == 1
    assert "“said” as answer" in said(capsys)
    assert not load_state(Project.open(Path(project))).dataset_version
    columns = ["--column", "kind=question", "--column", "said=answer"]
    assert main(["prepare", str(unclear), "--project", project, *columns]) == 0
    assert "Not used: “sent”" in capsys.readouterr().out
    assert main(["prepare", str(unclear), "--project", project, "--accept-guess"]) == 0


def test_prepare_accepts_and_changes_no_original(rows, tmp_path, capsys):
    before = rows.read_bytes()
    assert main(["prepare", str(rows), "--project", str(tmp_path / "p"), "--json"]) == 0
    report = document(capsys)
    assert report["content_hash"]
    assert (tmp_path / "p" / "data" / "versions" / report["content_hash"]).is_dir()
    assert rows.read_bytes() == before


def test_a_relative_project_is_the_same_for_the_jobs(rows, tmp_path, monkeypatch, capsys):
    """They work in another folder than the command."""
    monkeypatch.chdir(tmp_path)
    for name in ("p", "./deep/../p2"):
        assert main(["prepare", str(rows), "--project", name, "--json"]) == 0
        report = document(capsys)
        version = tmp_path / name / "data" / "versions" / report["content_hash"]
        assert version.is_dir()


def test_prepare_mixes_in_general_and_earlier_examples(rows, tmp_path, capsys):
    project = str(tmp_path / "p")
    assert main(["prepare", str(rows), "--project", project, "--json"]) == 0
    first = document(capsys)
    other = tmp_path / "other.csv"
    lines = (f"Who is number {n}?,Number {n} is somebody else.\n" for n in range(60))
    other.write_text("question,answer\n" + "".join(lines))
    mixture = ["--general", "5", "--rehearse", f"{first['content_hash']}:7"]
    assert main(["prepare", str(other), "--project", project, *mixture, "--json"]) == 0
    report = document(capsys)
    assert report["added"] == {"general": 5, "earlier": 7}
    assert sum(report["split"].values()) == report["kept"] + 12


def test_prepare_with_a_base_leaves_out_what_it_cannot_learn(walked, rows, tmp_path, capsys):
    """The tiny model reads at most 2,048 tokens; one answer begins far behind them."""
    with rows.open("a") as stream:
        stream.write(f"{'a 1 b 2 ' * 900},Nothing of this can be learned.\n")
    project = ["--project", str(tmp_path / "p"), "--base", str(walked.base)]
    assert main(["prepare", str(rows), *project, "--json"]) == 0
    report = document(capsys)
    assert report["kept"] + report["dropped"] == report["rows_read"] == 61
    assert sum(report["split"].values()) == report["kept"]
    assert report["findings"]["unlearnable"] == 1
    assert report["problems"][-1]["line"] == 62
    assert "after the cut" in report["problems"][-1]["reason"]


@pytest.mark.parametrize(
    "option", [["--general", "-3"], ["--rehearse", "abc:many"], ["--share", "a=lots"]]
)
def test_a_mixture_that_cannot_be_read(rows, tmp_path, capsys, option):
    project = ["--project", str(tmp_path / "p")]
    assert main(["prepare", str(rows), *project, *option]) == 1
    assert "Write --general 50" in said(capsys)


def test_mixture_options():
    options = argparse.Namespace(shares=["a=2", "b=1"], general=3, rehearse="abc:4")
    mixture = parse_mixture(options)
    assert (mixture.shares, mixture.general) == ({"a": 2.0, "b": 1.0}, 3)
    assert (mixture.rehearse, mixture.rehearsed) == ("abc", 4)
    options.shares = ["a=x"]
    with pytest.raises(UserFacingError) as refusal:
        parse_mixture(options)
    assert refusal.value.code == "cli.mixture"


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
    assert "Chosen in the window: Gentle, rank 6. " in captured.err.replace("\n", " ")
    assert "Cards: 1, as chosen in the window." in captured.err
    assert "add --more train-001" in captured.err
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
        assert "9 cards cannot train together" in said(capsys)


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
        cli._refuse_with_resume(argparse.Namespace(cards=None, preset="", values=["epochs=1"]))
    assert end.value.code == "train.resume_as_it_is"


def test_fp8_can_be_asked_for(walked, own_copy, capsys):
    arguments = ["train", "--project", str(own_copy.root), "--set", "precision=fp8", "--queue"]
    assert main([*arguments, "--json"]) == 0
    run = own_copy.run(document(capsys)["run"])
    assert load_config(run.config_file).precision == "fp8"


def test_queued_trainings_run_one_after_the_other(walked, own_copy, capsys):
    arguments = ["--project", str(own_copy.root)]
    for seed in (1, 2):
        values = ["--set", f"seed={seed}", "--set", "max_steps=1", "--set", "rank=4"]
        base = ["--base", str(walked.base)]
        assert main(["train", *arguments, *base, *values, "--queue", "--json"]) == 0
        assert document(capsys)["run"] == f"train-00{seed + 1}"
    assert main(["queue", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("train-002 (seed 1, rank 4, learning rate ")
    assert "waiting" in lines[0]
    assert lines[2].startswith("In all ")
    assert main(["queue", *arguments, "--run", "--json"]) == 0
    report = document(capsys)
    assert [one["state"] for one in report["trainings"]] == ["done", "done"]
    assert report["seconds"][0] > 0
    assert own_copy.run("train-003").facts_file.is_file()


def test_an_empty_queue_says_how_to_fill_it(own_copy, capsys):
    assert main(["queue", "--project", str(own_copy.root)]) == 0
    assert "--queue" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["train", "--project", "{empty}", "--base", "sample"], 1, "no Homelab Tuner project"),
        (["inspect", "{empty}/none.json"], 1, "none.json"),
        (["evaluate", "--project", "{walked}", "--run", "train-099"], 1, "no run called"),
        (["train", "--project", "{walked}", "--base", "{empty}"], 1, "weights"),
        (["train", "--project", "{walked}", "--set", "rank"], 1, "names no value"),
        (["train", "--project", "{walked}", "--set", "rank=many"], 1, "rank"),
        (["train", "--project", "{walked}", "--preset", "x"], 1, "no preset"),
    ],
)
def test_bad_input_gets_a_sentence_and_exit_code_1(
    arguments, code, sentence, tmp_path, walked, capsys
):
    places = {"empty": str(tmp_path), "walked": str(walked.project.root)}
    assert main([argument.format(**places) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert sentence in " ".join(captured.err.split())
    assert captured.out == ""


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("picture.png", PNG, "picture.png"),
        ("picture.jsonl", PNG, "picture.jsonl"),
        ("empty.jsonl", b"", "empty"),
        ("blank.csv", b"\n\n", "blank.csv"),
    ],
)
def test_what_is_no_dataset_is_said(name, content, sentence, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["inspect", str(path)]) == 1
    captured = capsys.readouterr()
    assert sentence in " ".join(captured.err.split())
    assert "Traceback" not in captured.err + captured.out


def test_a_second_command_on_the_same_project_is_refused(own_copy, capsys):
    lock = own_copy.lock()
    try:
        assert main(["evaluate", "--project", str(own_copy.root)]) == 1
    finally:
        lock.release()
    assert "another window" in said(capsys)


def test_a_faulty_machine_is_exit_code_1(monkeypatch, capsys):
    import core.cli
    from core.doctor import Check

    monkeypatch.setattr(core.cli, "examine", lambda: [Check("disk", False, "full", "Free some.")])
    assert main(["doctor"]) == 1
    assert "Free some." in capsys.readouterr().out
    with pytest.raises(UserFacingError) as problem:
        core.cli._doctor(argparse.Namespace(json=True))
    assert problem.value.code == "doctor.problems"


def test_no_base_has_a_code(tmp_path):
    from core.cli import _base_folder

    with pytest.raises(UserFacingError) as refusal:
        _base_folder("")
    assert refusal.value.code == "base.not_chosen"


def test_without_a_base_the_person_is_asked_for_one(rows, tmp_path, capsys):
    project = str(tmp_path / "p")
    assert main(["prepare", str(rows), "--project", project]) == 0
    assert main(["train", "--project", project]) == 1
    assert "--base" in said(capsys)


@pytest.mark.parametrize("arguments", [
    ["dance"], ["train"], ["export", "--as", "paper"],
    ["train", "--project", "p", "--more", "train-001", "--queue"],
])  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_values_are_split_at_the_first_sign():
    assert parse_values(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}
    with pytest.raises(UserFacingError) as refusal:
        parse_values(["a"])
    assert refusal.value.code == "cli.set"


def test_an_export_is_never_overwritten(walked, capsys):
    arguments = ["--project", str(walked.project.root), "--to", walked.exported["folder"]]
    assert main(["export", *arguments]) == 1
    assert "nothing is ever overwritten" in said(capsys)


def test_the_command_is_installed():
    done = subprocess.run(
        [sys.executable, "-m", "gui", "doctor", "--json"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {c["name"] for c in json.loads(done.stdout)["checks"]} >= {"PyTorch", "4-bit weights"}


def test_names_of_columns_do_not_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "a.csv"
    rows = "".join(f"q{n},a{n}\n" for n in range(20))
    path.write_text("\x1b]0;owned\x07question\x1b[2J,\x9banswer\n" + rows, encoding="utf-8")
    main(["inspect", str(path)])
    main(["inspect", str(path), "--json"])
    seen = capsys.readouterr()
    assert "question" in seen.out
    for steering in "\x1b\x07\x9b":
        assert steering not in seen.out + seen.err


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_on_inspect_leaves_no_worker(tmp_path):
    path = tmp_path / "a.jsonl"
    line = json.dumps({"prompt": "What is the number? " * 20, "completion": "It is this. " * 20})
    path.write_text("".join(f'{line[:-2]} {n}"}}\n' for n in range(40_000)))
    command = [sys.executable, "-m", "gui", "inspect", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        parent = psutil.Process(process.pid)
        deadline = time.monotonic() + 60
        while not parent.children() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        workers = parent.children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 1
    assert workers
    assert not any(worker.is_running() for worker in workers)
