from tests.campaigns.inventions import campaign, own_texts, summed


def test_short_form():
    outcomes = campaign(own_texts(), 900, seed=3)
    assert len(outcomes) == 9, "two domains and seven languages"
    for name, outcome in outcomes.items():
        assert outcome.planted >= 20, name
        assert outcome.recall >= 0.9, (name, outcome.missed)
        assert outcome.false_alarms <= 0.05, (name, outcome.alarms)
    whole = summed(outcomes)
    assert 0.28 < whole.planted / (whole.planted + whole.sound) < 0.39
    assert whole.recall >= 0.95
    assert whole.false_alarms <= 0.05


def test_the_same_seed_plants_the_same():
    one, two = (summed(campaign(own_texts(), 60, seed=5)) for _ in range(2))
    assert (one.planted, one.found, one.marked) == (two.planted, two.found, two.marked)
