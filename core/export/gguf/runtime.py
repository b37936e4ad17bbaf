"""llama.cpp itself, which answers with a GGUF file as Ollama and LM Studio do.

Only for a process of its own: the library opens a port, on this computer alone, at random and with
a key that nobody else knows.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_THREADS = 8
_TOP = 256  # next tokens whose probability is asked for
_SURELY = 1e6  # added to a logit: it is drawn
_SECONDS = 600


class Runtime:
    """One loaded file.

    Args:
        file: the GGUF file.
        context: tokens that a conversation may have.
        lora: an adapter as a GGUF file, added to it.

    Raises:
        RuntimeError: it cannot be loaded.
    """

    def __init__(self, file: Path, context: int, lora: Path | None = None) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(file)
        if lora is not None:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(lora), 1.0)]
        params.n_ctx, params.n_parallel = context, 1
        threads = max(1, min(_THREADS, (os.cpu_count() or 2) // 2))
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        self._key = secrets.token_urlsafe(24)
        params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [self._key]
        params.warmup, params.use_jinja, params.offline, params.ui = False, True, True, False
        params.verbosity = 0
        self._server = xllamacpp.Server(params)
        self._host = self._server.listening_address.removeprefix("http://")

    def prompt_ids(self, chat: list[dict[str, Any]]) -> tuple[str, list[int]]:
        """Return what the file's own chat template makes of a conversation, and its tokens."""
        prompt = str(self._post("/apply-template", {"messages": chat})["prompt"])
        asked = {"content": prompt, "add_special": True, "parse_special": True}
        return prompt, [int(token) for token in self._post("/tokenize", asked)["tokens"]]

    def answer(self, chat: list[dict[str, Any]], most: int) -> tuple[str, bool, float]:
        """Return an answer, whether it ended by itself, and tokens a second."""
        asked = {"messages": chat, "max_tokens": most, "temperature": 0.0}
        found = self._server.handle_chat_completions(asked)
        choice = found["choices"][0]
        message = choice["message"]
        text = str(message.get("content") or message.get("reasoning_content") or "")
        speed = float(found.get("timings", {}).get("predicted_per_second", 0.0))
        return text.strip(), choice["finish_reason"] == "stop", speed

    def next_tokens(self, ids: Sequence[int], wanted: int) -> dict[int, float]:
        """Return log-probabilities of the likeliest next tokens and of ``wanted``.

        A bias makes ``wanted`` the token that is drawn, whose probability is told as it was before.
        Where that is not so, all tokens are asked for, which takes a hundred times as long: nothing
        is told of a drawn token that is only a part of a letter, as those of an emoji are.
        """
        found = self._likeliest(ids, _TOP, wanted)
        return found if wanted in found else self._likeliest(ids, 1 << 20, self._letter())

    def _letter(self) -> int:
        """Return a token that is a whole letter."""
        return int(self._post("/tokenize", {"content": "a", "add_special": False})["tokens"][-1])

    def _likeliest(self, ids: Sequence[int], most: int, drawn: int) -> dict[int, float]:
        """Return log-probabilities of the likeliest next tokens, and of the one to be drawn."""
        asked = {"prompt": list(ids), "n_predict": 1, "n_probs": most, "temperature": 0.0}
        bias = {"cache_prompt": True, "logit_bias": [[drawn, _SURELY]]}
        told = self._server.handle_completions({**asked, **bias})["choices"][0]["logprobs"]
        if not told or not told["content"]:
            return {}
        (token,) = told["content"]
        return {int(one["id"]): float(one["logprob"]) for one in (*token["top_logprobs"], token)}

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=_SECONDS)
        key = f"Bearer {self._key}"  # not shown: between programs
        headers = {"Content-Type": "application/json", "Authorization": key}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        found: dict[str, Any] = json.loads(content)
        return found
