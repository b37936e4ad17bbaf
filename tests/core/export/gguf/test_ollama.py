"""A stand-in for Ollama's API: what it is asked, and what its answers become."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import UserFacingError
from core.export.gguf import ollama
from core.export.gguf.ollama import InOllama, take_into_ollama
from core.export.probing import ANSWER_TOKENS, PATIENCE, SHORT_TOKENS

CHAT = [{"role": "user", "content": "What comes after 7?"}]
ANSWER = {"question": "?", "wanted": "It is 8.", "wanted_ended": True, "answer": "8", "ended": True}
PROOF = {"chats": [CHAT] * 5, "ids": [[1, 2, 3, 4]] * 5, "answers": [ANSWER] * 5}


@contextmanager
def server(answer):
    """Answer every question with ``answer``; yields the place and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, question))
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given):
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{running.server_port}", asked
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.setattr(ollama, "create_in_ollama", lambda _folder, name: name)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    (tmp_path / "proof.json").write_text(json.dumps(PROOF))
    return tmp_path


def told(text, read):
    return {"message": {"role": "assistant", "content": text}, "prompt_eval_count": read}


def test_what_it_answers_is_compared(saved, monkeypatch):
    with server(told("It is  8.\n", 4)) as (place, asked):
        monkeypatch.setenv("OLLAMA_HOST", place)
        found = take_into_ollama(saved, "mine")
    assert found == InOllama("mine", 3, 3)
    assert found.sentence == "3 of 3 answers use the same words."
    path, question = asked[0]
    assert (path, question["model"], question["messages"]) == ("/api/chat", "mine", CHAT)
    assert question["options"]["temperature"] == 0
    with server(told("gibberish", 4)) as (place, _asked):
        monkeypatch.setenv("OLLAMA_HOST", f"http://{place}/")
        assert take_into_ollama(saved, "mine") == InOllama("mine", 3, 0)


def test_long_answers_are_compared_to_their_end(saved, monkeypatch):
    words = " ".join(map(str, range(40)))
    (saved / "proof.json").write_text(
        json.dumps({**PROOF, "answers": [{**ANSWER, "wanted": words}] * 5})
    )
    for said, same in ((words, 3), (words + " more", 0), (words.replace("39", "93"), 0)):
        with server(told(said, 4)) as (place, _asked):
            monkeypatch.setenv("OLLAMA_HOST", place)
            assert take_into_ollama(saved, "mine").same == same


def test_each_answer_has_the_room_that_it_had_in_the_proof(saved, monkeypatch):
    cut = {**ANSWER, "wanted_ended": False}
    (saved / "proof.json").write_text(json.dumps({**PROOF, "answers": [cut, cut, ANSWER]}))
    with server(told("It is 8.", 4)) as (place, asked):
        monkeypatch.setenv("OLLAMA_HOST", place)
        take_into_ollama(saved, "mine")
    rooms = [question["options"]["num_predict"] for _path, question in asked]
    assert rooms == [ANSWER_TOKENS, SHORT_TOKENS, PATIENCE * ANSWER_TOKENS]


def test_another_template_there_is_found(saved, monkeypatch):
    with server(told("It is 8.", 19)) as (place, _asked):
        monkeypatch.setenv("OLLAMA_HOST", place)
        with pytest.raises(UserFacingError) as refused:
            take_into_ollama(saved, "mine")
    assert refused.value.code == "export.ollama_differs"
    assert refused.value.details == "19 tokens instead of 4"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "gpu-server.example:11434", "http://10.0.0.7"])
def test_where_it_cannot_be_asked_here_nothing_is_claimed(saved, monkeypatch, host):
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert take_into_ollama(saved, "mine") == InOllama("mine")
    assert InOllama("mine").sentence is None


def test_answers_of_another_kind_claim_nothing(saved, monkeypatch):
    with server(["no"]) as (place, _asked):
        monkeypatch.setenv("OLLAMA_HOST", place)
        assert take_into_ollama(saved, "mine") == InOllama("mine")
