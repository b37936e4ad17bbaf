"""What a model consists of, at one pinned version, before the first byte of it.

Only what is trained with is taken: safetensors weights, tokenizer, configs, chat template and the
licence. Everything else is left out with its reason; a model that has its weights only in a format
that can hide programs is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.errors import UserFacingError
from core.language import _
from core.models.hub.connection import Connection
from core.models.hub.reference import HubReference
from core.models.hub.refusals import bad_answer, explained
from core.models.licence import UNKNOWN

_LARGEST = 1 << 43  # bytes of one file; what is larger is a lie
_MOST_FILES = 20_000
MOST_BY_HTTP = 50_000_000_000  # bytes of one file, as the client library has it
_SMALL = 200_000_000  # bytes; no config or tokenizer is larger
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,180}", re.ASCII)
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_SMALL_FILES = frozenset({
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
    "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt",
    "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tekken.json",
    "chat_template.jinja", "chat_template.json", "preprocessor_config.json",
    "processor_config.json", "model.safetensors.index.json",
})  # fmt: skip
_LICENCES = re.compile(r"(?:LICEN[CS]E|NOTICE|USE_POLICY)(?:\.(?:txt|md))?", re.IGNORECASE)
_PART = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz")
_OTHER_ENGINES = (".gguf", ".ggml", ".onnx", ".onnx_data", ".h5", ".msgpack", ".mlmodel", ".tflite",
                  ".ot", ".engine", ".llamafile", ".task", ".litertlm")  # fmt: skip


class RemoteFile(BaseModel):
    """One file to fetch: its SHA-256, or the Git hash of its content for a small one."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int = Field(ge=-1, le=_LARGEST)
    sha256: str = ""
    git_sha1: str = ""

    @property
    def is_weights(self) -> bool:
        """Whether the model's numbers are in it."""
        return self.name.endswith(".safetensors")


class LeftOut(BaseModel):
    """A file that is not fetched, and why in plain words."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    reason: str


class Listing(BaseModel):
    """What would be fetched.

    Attributes:
        revision: as asked for; ``commit`` is the version that it meant when it was asked.
        licence: identifier as on the hub, or ``"unknown"``.
        gated: terms have to be accepted first; ``"manual"``: the owner then decides.
    """

    model_config = ConfigDict(frozen=True)

    repo: str
    revision: str
    commit: str
    licence: str = UNKNOWN
    gated: Literal["", "auto", "manual"] = ""
    files: tuple[RemoteFile, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def reference(self) -> HubReference:
        """The model at its pinned version."""
        return HubReference(self.repo, self.commit)

    @property
    def size(self) -> int:
        """Bytes of all files to fetch."""
        return sum(file.size for file in self.files)

    @property
    def weights(self) -> tuple[RemoteFile, ...]:
        """The files that hold the numbers."""
        return tuple(file for file in self.files if file.is_weights)


def read_listing(connection: Connection, reference: HubReference) -> Listing:
    """Ask the hub once what the model consists of; nothing of it is fetched.

    Raises:
        UserFacingError: the hub cannot be asked, or the model cannot be used (codes ``hub.…``).
    """
    with explained(connection, reference), connection.asking() as hub:
        info = hub.model_info(reference.repo, revision=reference.revision, files_metadata=True)
        return _listing(connection, reference, info)


def _listing(connection: Connection, reference: HubReference, info: Any) -> Listing:
    commit = info.sha
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise bad_answer(connection.endpoint, f"commit {commit!r}")  # not shown: technical details
    if not isinstance(info.siblings, list) or len(info.siblings) > _MOST_FILES:
        raise bad_answer(connection.endpoint, "no list of files")  # not shown: technical details
    files, left_out = select(_remote_files(info.siblings))
    require_usable(reference.repo, files, left_out, _base_model(info))
    return Listing(
        repo=reference.repo,
        revision=reference.revision,
        commit=commit,
        licence=_licence(info),
        gated=info.gated if info.gated in ("auto", "manual") else "",
        files=tuple(files),
        left_out=tuple(left_out),
    )


def _remote_files(siblings: Iterable[Any]) -> list[RemoteFile]:
    """Read the hub's list; ``ValueError`` for a file without size or hash among those needed."""
    found = []
    for sibling in siblings:
        lfs = sibling.lfs
        size = lfs.size if lfs is not None else sibling.size
        found.append(
            RemoteFile(
                name=str(sibling.rfilename),
                size=-1 if size is None else size,
                sha256=_hash(lfs.sha256, _SHA256) if lfs is not None else "",
                git_sha1=_hash(sibling.blob_id, _COMMIT) if lfs is None else "",
            )
        )
    return found


def _hash(value: Any, form: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and form.fullmatch(value) else ""


def select(files: Iterable[RemoteFile]) -> tuple[list[RemoteFile], list[LeftOut]]:
    """Divide a model's files into those to fetch and those to leave out."""
    everything = list(files)
    names = {file.name for file in everything}
    taken: list[RemoteFile] = []
    left_out: list[LeftOut] = []
    seen: set[str] = set()
    for file in everything:
        reason = _why_not(file, names)
        if not reason and file.name.casefold() in seen:
            reason = _("another file has the same name on Windows")
        if reason:
            left_out.append(LeftOut(name=file.name[:200], size=file.size, reason=reason))
        else:
            taken.append(file)
            seen.add(file.name.casefold())
    return taken, left_out


def _why_not(file: RemoteFile, names: set[str]) -> str:
    """Return why a file is left out, ``""`` when it is needed."""
    name = file.name
    if "/" in name or "\\" in name:
        return _("in a folder of its own; only the model's main folder is used")
    if not _NAME.fullmatch(name) or _DEVICES.fullmatch(name) or name.endswith("."):
        return _("its name cannot be used on every system")
    if (reason := _why_not_kind(name.lower())) or name.endswith(".safetensors"):
        return reason or _why_not_weights(name, names)
    if name not in _SMALL_FILES and not _LICENCES.fullmatch(name):
        return _("not needed for training")
    return _("far too large for its kind") if file.size > _SMALL else ""


def _why_not_kind(name: str) -> str:
    if name.endswith(_PICKLES):
        return _("a format that can hide harmful programs")
    if name.endswith(".py"):
        return _("program code, which is never run here")
    if name.endswith(_OTHER_ENGINES):
        return _("made for using a model, not for training")
    return ""


def _why_not_weights(name: str, names: set[str]) -> str:
    if name.startswith("adapter"):
        return _("an adapter, not the model itself")
    if _WHOLE in names:
        return "" if name == _WHOLE else _("the same weights in another form")
    if INDEX in names and _PART.fullmatch(name):
        return ""
    return _("the same weights in another form")


def require_usable(
    repo: str, files: list[RemoteFile], left_out: list[LeftOut], base: str = ""
) -> None:
    """Refuse a model that cannot be trained, with the reason.

    Raises:
        UserFacingError: codes ``hub.adapter``, ``hub.pickle``, ``hub.gguf``, ``hub.no_weights``,
            ``hub.no_tokenizer``, ``hub.part_too_large`` and ``hub.unverifiable``.
    """
    names = {file.name for file in files}
    others = [file.name.lower() for file in left_out]
    if "adapter_config.json" in others and "config.json" not in names:
        todo = (
            _("Use its base model instead: {base}.", base=base)
            if base
            else _("Use its base model instead.")
        )
        raise UserFacingError(
            "hub.adapter", _("“{model}” is an adapter, not a whole model.", model=repo), todo
        )
    if not any(file.is_weights for file in files) or "config.json" not in names:
        raise _no_weights(repo, others)
    if not names & {"tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json"}:
        raise UserFacingError(
            "hub.no_tokenizer",
            _("“{model}” has no tokenizer file.", model=repo),
            _("Choose the original model that it was made from."),
        )
    if large := [file for file in files if file.size > MOST_BY_HTTP]:
        raise UserFacingError(
            "hub.part_too_large",
            _(
                "“{name}” of “{model}” is too large for a single download.",
                name=large[0].name,
                model=repo,
            ),
            _("Choose a version of this model whose weights are split into several files."),
        )
    unknown = [f.name for f in files if f.size < 0 or not (f.sha256 or f.git_sha1)]
    if unknown:
        raise UserFacingError(
            "hub.unverifiable",
            _("The hub gives no checksum for “{name}”, so it is not downloaded.", name=unknown[0]),
            _("Try again later, or use the public hub instead of a mirror."),
            ", ".join(unknown),
        )


def _no_weights(repo: str, others: list[str]) -> UserFacingError:
    if any(name.endswith(_PICKLES) for name in others):
        return UserFacingError(
            "hub.pickle",
            _(
                "“{model}” has its weights only in a format that can hide harmful programs.",
                model=repo,
            ),
            _("Choose a version of this model with “.safetensors” files."),
        )
    if any(name.endswith(".gguf") for name in others):
        return UserFacingError(
            "hub.gguf",
            _(
                "“{model}” has only GGUF files, which are made for using a model, not for "
                "training.",
                model=repo,
            ),
            _("Choose the original model. The page of this one names it as its base."),
        )
    return UserFacingError(
        "hub.no_weights",
        _(
            "“{model}” contains no model that can be trained: the config or the “.safetensors” "
            "files are missing.",
            model=repo,
        ),
        _("Choose a language model with “.safetensors” files."),
    )


def _licence(info: Any) -> str:
    card = info.card_data
    found = getattr(card, "license", None) if card is not None else None
    if found == "other":
        found = getattr(card, "license_name", None) or found
    if found is None:
        tags = [t for t in info.tags or () if isinstance(t, str) and t.startswith("license:")]
        found = tags[0].partition(":")[2] if tags else None
    return found.lower()[:60] if isinstance(found, str) and found else UNKNOWN


def _base_model(info: Any) -> str:
    found = getattr(info.card_data, "base_model", None) if info.card_data is not None else None
    found = found[0] if isinstance(found, list) and found else found
    return found[:120] if isinstance(found, str) else ""
