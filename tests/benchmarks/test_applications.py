"""The comparison's own arithmetic; the contenders themselves need a card and hours."""

import json
from types import SimpleNamespace

import numpy as np

from tests.benchmarks import applications
from tests.benchmarks.applications import _Clock, _texts, table


def test_the_table_gives_the_ratio_to_each_peer_and_names_what_failed():
    text = table([
        {"contender": "ours", "tokens_per_s": 300, "gib": 10.0, "tokens_a_step": 50},
        {"contender": "peer:packed:4", "tokens_per_s": 100, "gib": 5.0, "tokens_a_step": 80},
        {"contender": "peer:free:32", "error": "Traceback\nImportError: no such peer"},
    ])  # fmt: skip
    rows = [line.split() for line in text.splitlines()]
    assert rows[1][:3] == ["ours", "300", "1.00x"]
    assert rows[2][:3] == ["peer:packed:4", "100", "3.00x"]
    assert "ImportError: no such peer" in text


def test_only_real_tokens_count_and_only_after_the_first_steps(monkeypatch):
    trainer = SimpleNamespace(
        training_step=lambda _model, _inputs: None, add_callback=lambda _c: None,
        state=SimpleNamespace(log_history=[{"loss": 2.5}, {"eval": 1}]),
    )  # fmt: skip
    times = iter(range(100))
    monkeypatch.setattr(applications.time, "perf_counter", lambda: float(next(times)))
    monkeypatch.setattr("torch.cuda.synchronize", lambda: None)
    clock = _Clock(trainer)
    for _step in range(7):
        mask = np.array([[1, 1, 1, 0], [1, 1, 0, 0]])
        trainer.training_step(None, {"input_ids": np.zeros((2, 4)), "attention_mask": mask})
        trainer.training_step(None, {"input_ids": SimpleNamespace(shape=(1, 9), numel=lambda: 9)})
        clock._end()
    assert clock.result() == {"tokens_per_s": 14, "tokens_a_step": 14, "loss": 2.5}


def test_peers_train_what_was_prepared_for_training(tmp_path):
    folder = tmp_path / "data" / "versions" / "abc"
    folder.mkdir(parents=True)
    rows = [{"part": part, "messages": [{"role": "user", "content": part}]}
            for part in ("train", "validation", "test", "train")]  # fmt: skip
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)))
    tokenizer = SimpleNamespace(apply_chat_template=lambda chat, tokenize: chat[0]["content"])
    assert _texts(tmp_path, tokenizer) == ["train", "train"]
