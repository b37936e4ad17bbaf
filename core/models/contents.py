"""What a base model really holds: a hash that tells contents apart, and a look for faults.

The fingerprint of :mod:`core.models.weights` reads headers only: other numbers under the same
header have the same one. An adapter belongs to the numbers, to how they are computed with, and to
the tokens and the template that it was trained with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import UserFacingError
from core.language import _
from core.models.config import TOKENIZER_FILES
from core.models.inspection import ModelFacts
from core.models.weights import Tensor, WeightFile, read_header
from core.settings import application_folder
from core.storage.files import JsonObject, explained_io, read_json, write_json

Progress = Callable[[int, int], None]
_BLOCK = 4096  # bytes of one sample
_STRIDE = 1 << 20  # at most this far apart, in files of up to a few gigabytes
_MOST_BLOCKS = 4096  # in a file, besides the first block of every tensor
_PIECE = 1 << 22  # values looked at in one go
_MOST_KNOWN = 200
_WITHOUT_EFFECT = ("_name_or_path", "dtype", "torch_dtype", "transformers_version", "use_cache")
_HEAD, _EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
_EXPONENTS: dict[str, tuple[type[np.unsignedinteger[Any]], int]] = {
    "BF16": (np.uint16, 0x7F80),
    "F16": (np.uint16, 0x7C00),
    "F32": (np.uint32, 0x7F800000),
    "F64": (np.uint64, 0x7FF0000000000000),
}  # a number whose exponent has all bits set is infinite or no number


def contents_of(facts: ModelFacts) -> str:
    """Return a hash of config, tokenizer and samples of all weights.

    Sampled are the beginning of every tensor and some of every megabyte. It takes a fraction of a
    second, and is remembered until a file's size or time changes.

    Raises:
        UserFacingError: a file cannot be read.
    """
    known = _known(facts)
    if "contents" not in known:
        digest = hashlib.sha256()
        for header in _headers(facts):
            _add_samples(digest, header)
        for path in _texts(facts):
            _add_text(digest, path)
        known = _learn(facts, contents=digest.hexdigest())
    return str(known["contents"])


def _add_samples(digest: Any, header: WeightFile) -> None:
    begin = header.data_begin
    stride = max(_STRIDE, header.file_size // _MOST_BLOCKS)
    places = set(range(begin, header.file_size, stride))
    places |= {begin + tensor.begin for tensor in header.tensors.values()}
    digest.update(f"{header.path.name}\0{header.file_size}\0".encode())
    digest.update(header.raw_header)
    with explained_io(header.path), header.path.open("rb") as stream:
        for place in sorted(places):
            stream.seek(place)
            digest.update(stream.read(_BLOCK))


def _add_text(digest: Any, path: Path) -> None:
    with explained_io(path):
        content = path.read_bytes()
    if path.name == "config.json":
        config = json.loads(content)
        used = {name: value for name, value in config.items() if name not in _WITHOUT_EFFECT}
        content = json.dumps(used, sort_keys=True).encode()
    digest.update(f"{path.name}\0{len(content)}\0".encode())
    digest.update(content)


def _texts(facts: ModelFacts) -> list[Path]:
    paths = [facts.folder / name for name in ("config.json", *TOKENIZER_FILES)]
    return [path for path in paths if path.is_file()]


def require_contents(facts: ModelFacts, expected: str) -> None:
    """Refuse a base model that is not the one which an adapter was trained on.

    Args:
        expected: what :func:`contents_of` gave then; ``""`` where nobody asked.

    Raises:
        UserFacingError: code ``model.changed``.
    """
    if expected and contents_of(facts) != expected:
        found = contents_of(facts)
        raise UserFacingError(
            "model.changed",
            _(
                "The base model “{name}” has changed since this adapter was trained on it.",
                name=facts.name,
            ),
            _("Restore its original files, or train again on this one."),
            f"{facts.folder}: {found} instead of {expected}",  # not shown: technical details
        )


def require_sound(facts: ModelFacts, progress: Progress = lambda _done, _total: None) -> None:
    """Read every weight once and refuse a base model that is broken inside.

    What was found sound is not read again until a file's size or time changes.

    Args:
        progress: called with bytes done and bytes in all; may raise to cancel.

    Raises:
        UserFacingError: code ``model.not_finite`` (infinite or no number), ``model.empty`` (zeros
            where a layer should be) or ``model.mismatch`` (a stored head that is not the embedding
            which the config says it shares).
    """
    if _known(facts).get("sound"):
        return
    headers = _headers(facts)
    total, done = sum(header.file_size for header in headers), 0
    empty: dict[str, bool] = {}
    for header in headers:
        for name, tensor in header.tensors.items():
            values = _bits(header, tensor)
            if _not_finite(values, tensor.dtype):
                what = _(
                    "The base model “{model}” is broken: “{tensor}” contains values that are not "
                    "finite numbers.",
                    model=facts.name,
                    tensor=name,
                )
                raise _broken("model.not_finite", facts, what)
            if name.endswith("weight") and len(tensor.shape) == 2:
                group = _group(name)
                empty[group] = empty.get(group, True) and not values.any()
            done += tensor.end - tensor.begin
            progress(done, total)
    if empties := [group for group, is_empty in empty.items() if is_empty]:
        what = _(
            "The base model “{model}” is broken: “{tensor}” contains only zeros.",
            model=facts.name,
            tensor=empties[0],
        )
        raise _broken("model.empty", facts, what)
    if facts.shape.tied_embeddings and _has_other_head(headers):
        what = _(
            "The base model “{model}” is broken: “{tensor}” is stored, and differs from the "
            "embedding that “config.json” says it shares.",
            model=facts.name,
            tensor=_HEAD,
        )
        raise _broken("model.mismatch", facts, what)
    _learn(facts, sound=True)


def _has_other_head(headers: list[WeightFile]) -> bool:
    """Whether a head is stored beside the embedding that it should be."""
    stored = {name: header for header in headers for name in header.tensors}
    if _HEAD not in stored or _EMBEDDING not in stored:
        return False
    head, embedding = (
        _bits(stored[name], stored[name].tensors[name]) for name in (_HEAD, _EMBEDDING)
    )
    return not np.array_equal(head, embedding)


def _group(name: str) -> str:
    """Weights that cannot all be zero: those of one layer together, any other alone."""
    parts = name.split(".")
    return ".".join(parts[:3]) if name.startswith("model.layers.") else name


def _not_finite(values: npt.NDArray[Any], dtype: str) -> bool:
    if dtype not in _EXPONENTS:
        return False
    mask = _EXPONENTS[dtype][1]
    pieces = range(0, len(values), _PIECE)
    return any(bool(((values[i : i + _PIECE] & mask) == mask).any()) for i in pieces)


def _bits(header: WeightFile, tensor: Tensor) -> npt.NDArray[Any]:
    """Return a tensor's values as the unsigned integers that they are stored in, unread."""
    kind = _EXPONENTS.get(tensor.dtype, (np.uint8, 0))[0]
    if tensor.end == tensor.begin:
        return np.empty(0, kind)
    place, size = header.data_begin + tensor.begin, tensor.end - tensor.begin
    with explained_io(header.path):
        return np.memmap(header.path, np.uint8, "r", place, (size,)).view(kind)


def _broken(code: str, facts: ModelFacts, what: str) -> UserFacingError:
    return UserFacingError(
        code,
        what,
        _("Download the model again, or choose another one."),
        str(facts.folder),
    )


def _headers(facts: ModelFacts) -> list[WeightFile]:
    return [read_header(facts.folder / name) for name in facts.weight_files]


def _memory() -> Path:
    return application_folder() / "known-models.json"


def _key(facts: ModelFacts) -> str:
    """Folder, names, sizes and times: whatever is written to a file gives another key."""
    stats: list[tuple[str, int, int, int]] = []
    for path in (*(facts.folder / name for name in facts.weight_files), *_texts(facts)):
        with explained_io(path):
            found = path.stat()
        times = found.st_mtime_ns, found.st_ctime_ns  # a copy can keep the first of them
        stats.append((str(path.resolve()), found.st_size, *times))
    return hashlib.sha256(json.dumps(stats).encode()).hexdigest()


def _all_known() -> dict[str, JsonObject]:
    try:
        known = read_json(_memory())
    except UserFacingError:  # there is none yet, or it is damaged: everything is read again
        return {}
    entries = known.items() if isinstance(known, dict) else ()
    return {key: entry for key, entry in entries if isinstance(entry, dict)}


def _known(facts: ModelFacts) -> JsonObject:
    return _all_known().get(_key(facts), {})


def _learn(facts: ModelFacts, **values: Any) -> JsonObject:
    """Remember something about these files; of too many, some are forgotten."""
    known, key = _all_known(), _key(facts)
    entry = {**known.pop(key, {}), **values}
    kept = dict(list(known.items())[: _MOST_KNOWN - 1])
    with suppress(UserFacingError):  # a full disk costs only the time of reading again
        write_json(_memory(), {**kept, key: entry}, durable=False)
    return entry
