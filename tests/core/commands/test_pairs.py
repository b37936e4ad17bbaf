"""Questions and answers from documents, as it is typed."""

import json

import pytest

from core.cli import main
from core.commands import pairs
from core.commands.pairs import report_lines
from core.pairs.proposals import Proposal, proposals_file, write_proposals
from core.pairs.spec import PairsResult
from tests.core.pairs.handbook import handbook

PAIR = Proposal(question="Who?", answer="She.", passage="p", file="f", line=1)


@pytest.fixture
def asked(monkeypatch):
    """Let no model be loaded: a job that gives two pairs, one of them with a fault."""
    seen = []

    def run_job(run, params, **_how):
        seen.append(params)
        write_proposals(proposals_file(run), [PAIR, PAIR.model_copy(update={"fault": "number"})])
        return PairsResult(passages=9, asked=2, passed=1, faults={"number": 1})

    monkeypatch.setattr(pairs, "run_job", run_job)
    monkeypatch.setattr(pairs, "ensure_base", lambda *_a, **_k: None)
    return seen


def test_pairs_that_pass_become_a_file_of_examples(asked, tmp_path, capsys):
    (tmp_path / "a.pdf").write_bytes(handbook())
    out = tmp_path / "out.jsonl"
    command = ["pairs", str(tmp_path / "a.pdf"), "--base", "sample", "--to", str(out)]
    assert main([*command, "--most", "2", "--json"]) == 0
    assert asked[0].most == 2
    assert json.loads(capsys.readouterr().out)["passed"] == 1
    assert [json.loads(line)["question"] for line in out.read_text().splitlines()] == ["Who?"]
    assert main(command) == 1  # "pairs.exists"
    assert "exists already" in capsys.readouterr().err


def test_the_figures_are_said(tmp_path):
    result = PairsResult(passages=9, asked=8, passed=5, faults={"number": 2, "name": 1})
    assert report_lines(result, tmp_path / "out.jsonl") == [
        "Asked about 8 of 9 passages.",
        "5 pairs passed the check.",
        "  2: A number is not in the text.",
        "  1: A name is not in the text.",
        f"Look through {tmp_path / 'out.jsonl'} before you train with it.",
    ]
