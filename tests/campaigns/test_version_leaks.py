from core.data import preparation
from tests.campaigns.version_leaks import main, run_case


def test_short_form(capsys):
    assert main(["--cases", "3"]) == 0
    assert capsys.readouterr().out.endswith("cases 3, failures 0\n")


def test_the_campaign_can_fail(monkeypatch):
    monkeypatch.setattr(preparation, "earlier_test_examples", lambda folder, but: [])
    assert any(run_case(seed) for seed in range(3))
