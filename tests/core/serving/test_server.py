import http.client
import json
import socket
import subprocess
import threading
import time
from contextlib import suppress

import openai
import pytest

from core.errors import UserFacingError
from core.generation.spec import Refused
from core.serving import server as module
from core.serving.server import LocalServer
from tests.core.serving.scripted import ScriptedGenerator

KEY = "sk-local-test"


class Log:
    def __init__(self):
        self.entries, self._changed = [], threading.Condition()

    def __call__(self, ask, text, done):
        with self._changed:
            self.entries.append((ask, text, done))
            self._changed.notify_all()

    def wait_for(self, count):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.entries) >= count, 20)
        return self.entries


@pytest.fixture
def made():
    """Make servers with a generator by script; everything is closed afterwards."""
    opened = []

    def make(delay=0.0, slots=4, model=None):
        generator = model or ScriptedGenerator(("train-001",), delay, slots)
        log = Log()
        names = ("base", "train-001")
        server = LocalServer(generator, names, port=0, finished=log, token=lambda: KEY)
        opened.append((server, generator))
        return server, log

    yield make
    for server, generator in opened:
        server.close()
        if isinstance(generator, ScriptedGenerator):
            generator.close()


@pytest.fixture
def client(made):
    server, log = made()
    with openai.OpenAI(base_url=server.address, api_key=KEY, max_retries=0) as made_client:
        made_client.log = log
        yield made_client


def user(text):
    return [{"role": "user", "content": text}]


def request(server, path="/v1/chat/completions", body=None, method=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    known = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    try:
        content = json.dumps(body) if isinstance(body, dict | list) else body
        headers = {n.replace("_", "-"): v for n, v in headers.items()}
        connection.request(method or ("POST" if body is not None else "GET"), path, content,
                           {**known, **headers})  # fmt: skip
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def chat(text="Hello you", **values):
    return {"model": "train-001", "messages": user(text), **values}


def test_the_openai_package_gets_a_whole_answer(client):
    answer = client.chat.completions.create(model="train-001", messages=user("Hello you"))
    assert answer.choices[0].message.content == "Hello you"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 2
    (ask, text, done), *_ = client.log.wait_for(1)
    assert (ask.model, text, done.reason) == ("train-001", "Hello you", "stop")


def test_the_openai_package_gets_an_answer_as_it_is_written(client):
    stream = client.chat.completions.create(
        model="base",
        messages=user("one two three"),
        stream=True,
        max_tokens=2,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    texts = [c.choices[0].delta.content for c in chunks if c.choices]
    assert [text for text in texts if text] == ["one", " two"]
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"
    assert chunks[-1].usage.completion_tokens == 2
    assert len(client.log.wait_for(1)) == 1


def test_the_openai_package_lists_the_models(client):
    assert [model.id for model in client.models.list()] == ["base", "train-001"]
    assert client.models.retrieve("base").id == "base"


def test_the_openai_package_understands_the_refusals(client, made):
    with pytest.raises(openai.NotFoundError, match="no model 'other'"):
        client.chat.completions.create(model="other", messages=user("x"))
    with pytest.raises(openai.BadRequestError) as error:
        client.chat.completions.create(model="base", messages=user("refuse"))
    assert error.value.code == "context_length_exceeded"
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    assert client.log.entries == []


def test_thinking_is_told_apart(client):
    answer = client.chat.completions.create(model="base", messages=user("think"))
    assert answer.choices[0].message.content == "think"
    assert answer.choices[0].message.reasoning_content == "hmm"


# What the programs send besides, as far as their sources say; nothing of it may be refused.
OPEN_WEBUI = {
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.8,
    "max_tokens": 4,
    "metadata": {"chat_id": "1", "features": {}},
    "tools": None,
}
CONTINUE = {
    "stream": True,
    "max_tokens": 4,
    "temperature": 0,
    "stop": ["</s>", "\n\n\n"],
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "tools": [],
    "parallel_tool_calls": False,
}
LANGCHAIN = {"n": 1, "stream": False, "logprobs": False, "response_format": {"type": "text"}}


@pytest.mark.parametrize("values", [OPEN_WEBUI, CONTINUE, LANGCHAIN])
def test_other_programs_are_understood(made, values):
    server, log = made()
    models = json.loads(request(server, "/v1/models")[2])
    body = chat("one two three four five", **values)
    assert body["model"] in [model["id"] for model in models["data"]]
    status, _headers, answer = request(server, body=body, User_Agent="a program")
    assert status == 200
    assert b"one" in answer
    assert len(log.wait_for(1)) == 1


def test_curl_can_use_it(made):
    server, _log = made()
    command = ["curl", "-sN", f"{server.address}/chat/completions"]
    command += ["-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json"]
    command += ["-d", json.dumps(chat(stream=True))]
    out = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    lines = [line for line in out.splitlines() if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"


def test_the_model_that_answers_a_comparison_is_not_told():
    generator, log = ScriptedGenerator(("train-001",)), Log()
    drawn = {"model": "train-001"}
    names = ("base", "train-001")
    server = LocalServer(
        generator, names, port=0, finished=log, token=lambda: KEY, draw=lambda _id: drawn["model"]
    )
    try:
        for stream in (False, True):
            body = chat(model="compare", stream=stream)
            status, _headers, answer = request(server, body=body)
            assert status == 200
            assert b"train-001" not in answer
        assert {ask.model for ask, _text, _done in log.wait_for(2)} == {"train-001"}
        for nobody in (None, "train-999"):
            drawn["model"] = nobody
            assert request(server, body=chat(model="compare"))[0] == 404
    finally:
        server.close()
        generator.close()


def test_a_client_that_goes_away_cancels_its_answer(made):
    server, log = made(delay=0.02)
    with openai.OpenAI(base_url=server.address, api_key=KEY) as one:
        stream = one.chat.completions.create(model="base", messages=user("words 5000"), stream=True)
        next(iter(stream))
        stream.close()
    (_ask, _text, done), *_ = log.wait_for(1)
    assert done.reason == "cancelled"


def test_a_client_that_waits_for_the_whole_cancels_too(made):
    server, log = made(delay=0.02)
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        body = json.dumps(chat("words 5000")).encode()
        raw.sendall(head(len(body)) + body)
        time.sleep(0.5)
    assert log.wait_for(1)[0][2].reason == "cancelled"


def head(size, path="/v1/chat/completions"):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {KEY}"]
    lines += ["Content-Type: application/json", f"Content-Length: {size}", "", ""]
    return "\r\n".join(lines).encode()


def test_more_than_can_wait_are_sent_away_for_a_while(made, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 2)
    server, log = made(delay=0.02)
    slow = [threading.Thread(target=request, args=(server,), kwargs={"body": chat("words 100")})
            for _ in range(2)]  # fmt: skip
    for thread in slow:
        thread.start()
    time.sleep(0.5)
    status, headers, body = request(server, body=chat())
    assert (status, headers["retry-after"]) == (429, "5")
    assert json.loads(body)["error"]["code"] == "queue_full"
    for thread in slow:
        thread.join()
    assert request(server, body=chat())[0] == 200
    assert len(log.wait_for(3)) == 3


def test_a_model_that_cannot_be_loaded_is_said_with_a_time_to_come_back(made):
    class Full(ScriptedGenerator):
        def ask(self, ask, hear):
            raise UserFacingError("serving.no_room", "No room.", "Close others.")

    server, _log = made(model=Full())
    status, headers, body = request(server, body=chat())
    assert (status, headers["retry-after"]) == (503, "30")
    assert json.loads(body)["error"]["message"] == "No room. Close others."


def test_a_death_in_the_middle_of_a_stream_is_said_in_the_stream(made):
    class Dies(ScriptedGenerator):
        def ask(self, ask, hear):
            super().ask(ask, lambda e: hear(
                Refused(id=ask.id, code="job.killed", what="W.", todo="T.")
                if e.kind == "done" else e))  # fmt: skip

    server, log = made(model=Dies())
    status, _headers, body = request(server, body=chat(stream=True))
    last = body.decode().strip().split("\n\n")[-1]
    assert status == 200
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "job.killed"
    assert log.entries == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Host": "evil.example:8642"}, 421),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_what_a_web_page_can_send_is_refused(made, headers, status):
    server, log = made()
    found, answered, body = request(server, body=chat(), **headers)
    assert found == status
    assert not [name for name in answered if name.lower().startswith("access-control")]
    assert "message" in json.loads(body)["error"]
    assert log.entries == []


def test_a_preflight_is_refused(made):
    server, _log = made()
    asked = {"Origin": "https://evil.example", "Access_Control_Request_Method": "POST"}
    status, headers, _body = request(server, method="OPTIONS", **asked)
    assert status == 403
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/chat/completions", "GET", 405), ("/v1/other", "GET", 404), ("/", "GET", 404),
     ("/health", "GET", 200), ("/v1/chat/completions", "OPTIONS", 405)],
)  # fmt: skip
def test_other_paths_are_refused_in_the_same_form(made, path, method, status):
    server, _log = made()
    found, _headers, body = request(server, path, method=method)
    assert found == status
    assert json.loads(body)


def test_a_body_that_is_too_large_is_refused(made):
    server, _log = made()
    assert request(server, body=b"x" * (5 << 20))[0] == 413


def test_a_body_that_does_not_come_is_not_waited_for(made, monkeypatch):
    monkeypatch.setattr(module, "_BODY_SECONDS", 0.3)
    server, _log = made()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(head(100) + b"{")
        assert b" 408 " in raw.recv(1000)


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HT", b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"]
)
def test_a_request_that_never_comes_whole_is_let_go(made, monkeypatch, begun):
    monkeypatch.setattr(module, "_IDLE_SECONDS", 1)
    server, _log = made()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(begun)
        with suppress(ConnectionResetError):
            assert raw.recv(1000) == b""


@pytest.mark.parametrize("raw_request", [b"\x00" * 100, b"GET\r\n\r\n", b"A" * 100_000])
def test_nonsense_is_refused_and_the_server_lives_on(made, raw_request):
    server, _log = made()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        try:
            raw.sendall(raw_request)
            assert b" 400 " in raw.recv(1000)
        except ConnectionError:
            pass
    assert request(server, "/health")[0] == 200


def test_a_request_that_is_cut_is_no_error_of_the_server(made, caplog):
    server, log = made()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(head(100) + b'{"model"')
        time.sleep(0.2)
    time.sleep(0.3)
    assert request(server, "/health")[0] == 200
    assert not caplog.records
    assert log.entries == []


def test_only_this_computer_is_listened_to(made):
    server, _log = made()
    assert server._socket.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_said(made):
    server, _log = made()
    with pytest.raises(UserFacingError) as refusal:
        LocalServer(None, (), port=server.port, token=lambda: KEY)
    assert refusal.value.code == "serving.port_in_use"
    assert str(server.port) in refusal.value.what


def test_closing_ends_what_is_in_progress(made):
    server, log = made(delay=0.05)
    got = []
    waiting = threading.Thread(target=lambda: got.append(request(server, body=chat("words 999"))))
    waiting.start()
    time.sleep(0.5)
    server.close()
    waiting.join(20)
    (status, _headers, body), *_ = got
    assert (status, json.loads(body)["error"]["code"]) == (503, "unloaded")
    assert log.wait_for(1)[0][2].reason == "cancelled"
