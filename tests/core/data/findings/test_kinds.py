import pytest

from core.data.findings.kinds import BIT, INFO, Action, Kind, bits, kinds_in

NAMES = """exact_duplicate near_duplicate whitespace broken_text html mixed_format empty trivial
role_order echo too_long language outlier conflict secret personal_data profanity malformed_row
unlearnable signature"""


def test_the_kinds_have_the_names_that_are_promised():
    assert [kind.value for kind in Kind] == NAMES.split()


def test_bits_are_distinct_and_come_back():
    assert len(set(BIT.values())) == len(Kind)
    some = (Kind.EXACT_DUPLICATE, Kind.HTML, Kind.UNLEARNABLE)
    assert kinds_in(bits(some)) == some
    assert kinds_in(0) == ()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_explained(kind):
    info = INFO[kind]
    assert info.title
    assert info.why.endswith(".")
    assert info.fix in (Action.FIX, Action.DROP)


def test_defaults():
    dropped = {kind for kind in Kind if INFO[kind].default is Action.DROP}
    fixed = {kind for kind in Kind if INFO[kind].default is Action.FIX}
    always = {kind for kind in Kind if not INFO[kind].is_optional}
    assert Kind.EXACT_DUPLICATE in dropped
    assert {Kind.WHITESPACE, Kind.BROKEN_TEXT} <= fixed
    assert always == {Kind.MALFORMED_ROW, Kind.UNLEARNABLE}
    for kind in (Kind.NEAR_DUPLICATE, Kind.HTML, Kind.PERSONAL_DATA, Kind.SECRET, Kind.PROFANITY):
        assert INFO[kind].default is Action.IGNORE
