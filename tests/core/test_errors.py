from core.errors import UserFacingError


def test_the_sentences_are_the_message():
    error = UserFacingError("a.b", "It broke.", "Mend it.", "E42")
    assert str(error) == "It broke. Mend it."
    assert (error.code, error.details) == ("a.b", "E42")
