from core.evaluation.prompts.room import answer_budget, room_for


def test_the_longest_answer_fits_twice_within_reason():
    assert answer_budget("cpu") == room_for(0, "cpu") == 64
    assert room_for(60, "cpu") == 120
    assert room_for(4000, "cuda:0") == 512
