"""A small model hub on loopback, with everything that can go wrong on order.

It speaks as much of the real one's language as the client library needs: file lists with hashes,
pinned versions, ranges, a store on another port, terms and tokens. A ``Fault`` waits for a request
that it fits and spoils it. What is served is counted, file by file.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from safetensors.numpy import save

from tests.core.models.folders import CONFIG, weights

TOKEN = "hf_loopback_0123456789"
LARGE = (".safetensors", ".model", ".bin", ".gguf")
_OF_BODY = ("cut", "stall", "drip", "flip", "short", "long", "promises", "ignore_range",
            "wrong_piece", "no_range")  # fmt: skip


@dataclass
class Fault:
    """Something to go wrong.

    Attributes:
        kind: see ``tests.loopback_server``.
        where: part of the paths that it fits.
        times: how often, -1 for always.
        after: bytes of a file's body that are sent before.
        value: a status, seconds, or a text, as the kind needs it.
    """

    kind: str
    where: str = ""
    times: int = 1
    after: int = 0
    value: Any = None
    method: str = "GET"

    def takes(self, path: str, method: str) -> bool:
        """Return whether it fits a request, and count it down."""
        if not self.times or self.where not in path or self.method != method:
            return False
        self.times -= 1
        return True


@dataclass
class Repo:
    """One model: its versions, the newest last, and who may have it."""

    versions: dict[str, dict[str, bytes]]
    gated: str | bool = False
    private: bool = False
    licence: str | None = "apache-2.0"
    accepted: set[str] = field(default_factory=set)
    lies: dict[str, dict[str, Any]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The newest version."""
        return list(self.versions)[-1]

    def add(self, files: dict[str, bytes]) -> str:
        """Add a version; return its commit."""
        content = "".join(f"{n}{hashlib.sha256(b).hexdigest()}" for n, b in sorted(files.items()))
        commit = hashlib.sha1(f"{len(self.versions)}{content}".encode()).hexdigest()
        self.versions[commit] = files
        return commit

    def commit_of(self, revision: str) -> str | None:
        """Return the commit of a branch or commit."""
        if revision == "main":
            return self.head
        return revision if revision in self.versions else None


def model_files(seed: int = 0, vocab: int = 400, parts: int = 1) -> dict[str, bytes]:
    """Return a complete tiny model as files; about ``vocab`` × 64 + 28,000 bytes."""
    config = CONFIG | {"vocab_size": vocab}
    tensors = weights(config)
    random = np.random.default_rng(seed)
    tensors["model.embed_tokens.weight"] = random.standard_normal((vocab, 32)).astype(np.float16)
    files = {
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": json.dumps({"seed": seed, "filler": "x" * 3000}).encode(),
        "tokenizer_config.json": json.dumps({"chat_template": "{{ messages }}"}).encode(),
        "LICENSE": b"Apache License",
        "README.md": b"---\nlicense: apache-2.0\n---\n",
    }
    if parts == 1:
        return files | {"model.safetensors": save(tensors)}
    names = sorted(tensors)
    shards = [names[i::parts] for i in range(parts)]
    index: dict[str, str] = {}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05d}-of-{parts:05d}.safetensors"
        files[name] = save({n: tensors[n] for n in shard})
        index |= dict.fromkeys(shard, name)
    return files | {"model.safetensors.index.json": json.dumps({"weight_map": index}).encode()}


def git_sha1(content: bytes) -> str:
    """Return how Git names a content."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


class LoopbackHub:
    """The hub; use :func:`loopback_hub`.

    Attributes:
        faults: what is to go wrong, in order; each fits some requests.
        served: bytes of bodies sent, by file.
        seen: (method, path, authorization) of every request.
        store: the address of the second server, where large files lie; ``""`` serves all itself.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.faults: list[Fault] = []
        self.served: Counter[str] = Counter()
        self.seen: list[tuple[str, str, str]] = []
        self.store = ""
        self.url = ""
        self.pace = 0.0
        self.ending = threading.Event()
        self.lock = threading.Lock()

    def add(self, name: str, files: dict[str, bytes] | None = None, **values: Any) -> Repo:
        """Add a model."""
        repo = Repo({}, **values)
        repo.add(model_files() if files is None else files)
        self.repos[name] = repo
        return repo

    def fault_for(self, path: str, method: str, is_store: bool) -> Fault | None:
        """Return the fault that spoils this request; one of a body waits for who has the body."""
        sent_on = self.store and not is_store and path.endswith(LARGE)
        with self.lock:
            fitting = (f for f in self.faults if not (sent_on and f.kind in _OF_BODY))
            return next((fault for fault in fitting if fault.takes(path, method)), None)

    def requests(self, part: str) -> list[str]:
        """Return the paths asked for that contain ``part``."""
        return [path for _, path, _ in self.seen if part in path]

    def listing_of(self, name: str, repo: Repo, commit: str) -> dict[str, Any]:
        """Return what the hub says of a version."""
        siblings = []
        for file, content in repo.versions[commit].items():
            entry: dict[str, Any] = {"rfilename": file, "size": len(content)}
            if file.endswith(LARGE):
                digest = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"size": len(content), "sha256": digest, "pointerSize": 130}
            entry["blobId"] = git_sha1(content)
            siblings.append(_changed(entry, repo.lies.get(file, {})))
        card = {} if repo.licence is None else {"license": repo.licence}
        whole = {"id": name, "sha": commit, "private": repo.private, "gated": repo.gated,
                 "siblings": siblings, "cardData": card, "tags": []}  # fmt: skip
        return whole | repo.extra


def _changed(entry: dict[str, Any], lies: dict[str, Any]) -> dict[str, Any]:
    for key, value in lies.items():
        if key in ("sha256", "lfs_size"):
            entry["lfs"][key.removeprefix("lfs_")] = value
        else:
            entry[key] = value
    return entry


@contextmanager
def loopback_hub(store: bool = False) -> Iterator[LoopbackHub]:
    """Yield a running hub; with ``store``, large files are redirected to another port."""
    from tests.loopback_server import serving

    hub = LoopbackHub()
    with serving(hub) as url, serving(hub, is_store=True) as other:
        hub.url, hub.store = url, other if store else ""
        yield hub


def wait_until(happens: Any, seconds: float = 20.0) -> None:
    """Wait for something, with an end."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
