"""Near copies among a few texts."""

from core.data.findings.near.texts import are_near, near_groups

LONG = "How do I reset the password of the printer on the second floor without the manual?"
COPY = "How do I reset the password of the printer on the second floor without the manual, please?"
OTHER = "What does the office printer on the third floor cost in a month, paper and toner included?"


def test_copies_have_the_same_group_and_others_their_own():
    assert near_groups([OTHER, LONG, "Why?", COPY, "why"]) == [0, 1, 2, 1, 2]
    assert near_groups([]) == []


def test_only_copies_of_what_is_known_count():
    assert are_near([OTHER, COPY, OTHER], [LONG]) == [False, True, False]
    assert are_near([OTHER], []) == [False]
    assert are_near([], [LONG]) == []
    assert are_near([COPY], [LONG], threshold=1.0) == [False]
