"""Short form of the campaign."""

from tests.campaigns import verdicts


def test_large_differences_are_found_and_none_is_not_made_up(capsys, monkeypatch):
    monkeypatch.setattr(verdicts, "_MOST_FALSE", 0.1)  # 20 are few
    assert verdicts.run_evaluations(20) == []
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "100.0% of 20 summaries" in lines[2]


def test_intervals_and_series_are_counted(capsys, monkeypatch):
    monkeypatch.setattr(verdicts, "_LEAST", 0.5)
    monkeypatch.setattr(verdicts, "_MOST", 1.0)
    monkeypatch.setattr(verdicts, "_MOST_FALSE", 0.3)
    monkeypatch.setattr(verdicts, "_truths", lambda: {"a mean": 0.3, **_ANYTHING})
    assert verdicts.main(["--evaluations", "0", "--intervals", "0", "--series", "30"]) == 0
    assert "All promises are kept." in capsys.readouterr().out
    found = verdicts.run_intervals(8)
    assert not any(name.startswith(("a mean", "a share")) for name in found)


def test_a_broken_promise_is_told(monkeypatch):
    monkeypatch.setattr(verdicts, "_MOST_FALSE", -1.0)
    assert verdicts.run_evaluations(1) != []
    assert verdicts.run_series(5) != []


_ANYTHING = {"bleu": 0.0, "chrf": 0.0, "rouge_l": 0.0, "perplexity": 0.0}
