import random

from core.data import deduplication
from tests.campaigns.split_leaks import leaks, main, random_set
from tests.core.data.examples import write_jsonl


def test_short_form(capsys):
    assert main(["--cases", "4"]) == 0
    assert capsys.readouterr().out.endswith("cases 4, failures 0\n")


def test_the_campaign_can_fail(tmp_path, monkeypatch):
    path = write_jsonl(tmp_path / "rows.jsonl", random_set(random.Random(1)))
    monkeypatch.setattr(
        deduplication.Deduplicator, "groups", lambda self, kept, _: self.key.astype("i8")
    )
    assert leaks(path, 1)
