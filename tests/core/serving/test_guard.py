import asyncio

import pytest

from core.serving.guard import Guard

KEY = "sk-local-key"


def status(path="/v1/models", app=None, **headers):
    """Return the status and the headers of the answer to a request."""
    sent = []

    async def passed(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    pairs = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
    scope = {"type": "http", "path": path, "headers": pairs}
    asyncio.run(Guard(app or passed, lambda: KEY)(scope, None, send))
    return sent[0]["status"], dict(sent[0]["headers"])


GOOD = {"host": "127.0.0.1:8642", "authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("host", ["127.0.0.1:8642", "localhost", "LOCALHOST:1", "[::1]:8642"])
def test_programs_of_this_computer_pass(host):
    assert status(**{**GOOD, "host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "127.0.0.1:8642@evil", "",
     "0.0.0.0:8642", "localhost:", "127.0.0.1:x", "[::1", "192.168.1.7:8642"],
)  # fmt: skip
def test_a_name_that_was_made_to_lead_here_does_not(host):
    assert status(**{**GOOD, "host": host})[0] == 421


def test_a_request_without_a_host_does_not():
    assert status(authorization=f"Bearer {KEY}")[0] == 421


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8642", ""]
)
@pytest.mark.parametrize("path", ["/v1/models", "/health"])
def test_no_web_page_passes_even_with_the_key(origin, path):
    code, headers = status(path, **GOOD, origin=origin)
    assert code == 403
    assert not [name for name in headers if name.startswith(b"access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_what_a_browser_says_of_itself_is_believed(site):
    assert status(**GOOD, sec_fetch_site=site)[0] == 403


@pytest.mark.parametrize(
    "key", ["", "Bearer", "Bearer ", "Bearer wrong", KEY, f"Basic {KEY}", "Bearer ü" + KEY]
)
def test_without_the_key_nothing_is_answered(key):
    code, headers = status(**{**GOOD, "authorization": key})
    assert code == 401
    assert headers[b"www-authenticate"] == b"Bearer"


def test_whether_it_lives_is_told_without_a_key():
    assert status("/health", host="localhost")[0] == 200


def test_too_many_headers_are_refused():
    assert status(**GOOD, **{f"x{n}": "1" for n in range(80)})[0] == 431


def test_a_client_that_does_not_read_is_left(monkeypatch):
    async def slow(_scope, _receive, send):
        raise TimeoutError

    with pytest.raises(IndexError):  # nothing was sent
        status(app=slow, **GOOD)
