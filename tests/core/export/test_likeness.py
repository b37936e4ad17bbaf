from core.export.likeness import Reference, compare, log_probabilities, make_reference


def test_the_fine_tune_is_at_no_distance_from_itself(tuned, tmp_path):
    reference = make_reference(tuned)
    reference.write(tmp_path)
    again = Reference.read(tmp_path)
    logs = log_probabilities(tuned.model, again.ids, again.places)
    found = compare(again, logs)
    assert found.loss == found.wanted > 0
    assert found.divergence == 0
    assert found.tokens == len(again.targets) > 20
