import multiprocessing
import threading

import numpy as np
import pytest

from core.data.draft_rows import encode
from core.data.example import BadRow, Source
from core.data.findings.pool import analysed, work
from core.data.readers import Row
from tests.core.data.examples import ask, clean_pairs


def chunks(count):
    rows = [Row(ask(q, a, line=n), n % 7 == 0) for n, (q, a) in enumerate(clean_pairs(count), 1)]
    rows.insert(5, Row(BadRow(Source("x", 3), "damaged", "raw")))
    return [rows[n : n + 40] for n in range(0, len(rows), 40)]


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr("core.data.findings.pool.os.cpu_count", lambda: 2)


def test_worker_processes_say_the_same_as_this_one(two_cores):
    alone = list(analysed(chunks(300), parallel=False))
    together = list(analysed(chunks(300), parallel=True))
    assert len(alone) == len(together) == 8
    for (rows, mine), (others_rows, other) in zip(alone, together, strict=True):
        assert rows == others_rows
        assert mine.lines == other.lines
        for name in ("facts", "sketch", "bands"):
            assert np.array_equal(getattr(mine, name), getattr(other, name))
        assert np.array_equal(mine.shingles.values, other.shingles.values)
        assert np.array_equal(mine.shingles.offsets, other.shingles.offsets)


def test_no_worker_outlives_a_cancelled_analysis(two_cores):
    results = analysed(chunks(200), parallel=True)
    next(results)
    results.close()
    assert not multiprocessing.active_children()


def test_one_core_needs_no_processes(monkeypatch):
    monkeypatch.setattr("core.data.findings.pool.os.cpu_count", lambda: 1)
    assert len(list(analysed(chunks(50), parallel=True))) == 2
    assert not multiprocessing.active_children()


def test_a_worker_ends_when_its_pipe_closes():
    mine, theirs = multiprocessing.Pipe()
    worker = threading.Thread(target=work, args=(theirs,))
    worker.start()
    mine.close()
    worker.join(60)
    assert not worker.is_alive()
    theirs.close()


def test_lines_are_those_of_the_draft():
    rows, chunk = next(analysed(chunks(10), parallel=False))
    assert chunk.lines == [encode(row.item) for row in rows]
