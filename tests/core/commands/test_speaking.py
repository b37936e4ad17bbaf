"""The option ``--language``: for every command, the window, and the jobs that they start."""

import pytest

from core import language
from core.cli import main
from core.commands.speaking import only_language, speak
from core.settings import Settings, save_settings


@pytest.fixture(autouse=True)
def english_again(monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en")


def test_the_option_is_taken_wherever_it_stands():
    for arguments in (["--language", "en_XA", "doctor"], ["doctor", "--language=en_XA"]):
        assert speak(arguments) == ["doctor"]
        assert language.current() == "en_XA"


def test_without_it_the_preferences_count_and_then_what_is_inherited():
    assert speak(["doctor", "--json"]) == ["doctor", "--json"]
    assert language.current() == "en"
    save_settings(Settings(language="en_XA"))
    speak([])
    assert language.current() == "en_XA"
    speak(["--language", "en"])
    assert language.current() == "en"


def test_help_is_in_that_language(capsys):
    with pytest.raises(SystemExit):
        main(["--language", "en_XA", "--help"])
    assert "Ļ" in capsys.readouterr().out.upper()


def test_an_unknown_language_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as end:
        main(["doctor", "--language", "tlh"])
    assert end.value.code == 2
    assert "no language “tlh”" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True), (["--language", "de"], True), (["--language=de"], True), (["doctor"], False),
        (["--language", "de", "doctor"], False), (["--language=de", "doctor"], False),
    ],
)  # fmt: skip
def test_a_language_alone_opens_the_window(arguments, window):
    assert only_language(arguments) is window
