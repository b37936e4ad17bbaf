"""The terminal commands: exit codes, and sentences for what cannot be done."""

import pytest

from core.cli import main


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["train", "--project", "{empty}", "--base", "sample"], 1, "no Homelab Tuner project"),
        (["inspect", "{empty}/none.json"], 1, "none.json"),
        (["evaluate", "--project", "{walked}", "--run", "train-099"], 1, "no run called"),
        (["train", "--project", "{walked}", "--base", "{empty}"], 1, "weights"),
        (["train", "--project", "{walked}", "--set", "rank"], 1, "has no value"),
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


@pytest.mark.parametrize("arguments", [
    ["dance"], ["train"], ["export", "--as", "paper"],
    ["train", "--project", "p", "--more", "train-001", "--queue"],
])  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err
