"""The commands about examples as you type them."""

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

from core.cli import main
from core.commands.examples import parse_mixture
from core.errors import UserFacingError
from core.project import Project
from core.wizard import load_state
from tests.cleanliness import is_at_work
from tests.core.commands.typed import document, said


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
    assert not [worker for worker in workers if is_at_work(worker)]
