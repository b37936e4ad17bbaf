import pytest

from core.installation.refusals import (
    broken_off,
    explained_status,
    no_connection,
    wrong_hash,
)
from tests.loopback_index import Index

URL = "https://me:secret@host.example/simple/torch/"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (explained_status(407, URL), "engine.proxy_login"),
        (explained_status(401, URL), "engine.refused"),
        (explained_status(403, URL), "engine.refused"),
        (explained_status(418, URL), "engine.bad_answer"),
        (no_connection(URL, OSError("refused")), "engine.no_network"),
        (no_connection(URL, OSError("407 Proxy Authentication Required")), "engine.proxy_login"),
        (broken_off(URL, OSError("x")), "engine.broken_off"),
        (wrong_hash(Index().add("a", "1", b""), "there"), "engine.wrong_hash"),
    ],
)
def test_each_has_a_sentence_and_a_step_without_a_password(error, code):
    assert error.code == code and error.what and error.todo
    assert "secret" not in error.what + error.todo
