from itertools import islice

from core.export.calibration import calibration_rows


def test_rows_are_those_that_the_fine_tune_learned_from(tuned):
    rows = list(islice(calibration_rows(tuned), 3))
    assert len(rows) == 3
    texts = [tuned.tokenizer.decode(row) for row in rows]
    learned = [example.messages[-1].content for example in tuned.version.examples("train")]
    assert all(any(answer in text for answer in learned) for text in texts)
    assert all(len(row) <= tuned.config.max_length for row in rows)
