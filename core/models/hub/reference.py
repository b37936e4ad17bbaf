"""What you mean by a model: a catalogue name, ``owner/name`` or a pasted link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from core.errors import UserFacingError
from core.language import N_, _
from core.models.catalogue import load_everything

DEFAULT_REVISION = "main"
_LONGEST = 500  # characters of what is pasted; links are far shorter
_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_-])?", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", re.ASCII)
_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"})
_OTHER_KINDS = {
    "datasets": N_("That is a dataset, not a model."),
    "spaces": N_("That is a demo application, not a model."),
    "kernels": N_("That is a kernel, not a model."),
    "collections": N_("That is a collection, not a model."),
    "papers": N_("That is a paper, not a model."),
    "buckets": N_("That is a bucket, not a model."),
}  # fmt: skip
_SURROUNDINGS = re.compile(r"""^(?:git clone|hf download|ollama (?:run|pull))\s+|["'`<>,;]+""")
_TODO = N_(
    "Enter a name like “Qwen/Qwen3-4B-Instruct-2507”, or paste the link of the model's page."
)


@dataclass(frozen=True, slots=True)
class HubReference:
    """A model on a hub; ``revision`` is a branch, a tag or a commit."""

    repo: str
    revision: str = DEFAULT_REVISION

    @property
    def owner(self) -> str:
        """The account that published it."""
        return self.repo.partition("/")[0]

    @property
    def name(self) -> str:
        """The model's name without its owner."""
        return self.repo.partition("/")[2]


def parse_reference(text: str, revision: str = "", hosts: frozenset[str] = _HOSTS) -> HubReference:
    """Return what ``text`` names.

    Args:
        text: a catalogue key or name, ``owner/name``, ``owner/name@revision``, or a link.
        revision: asked for beside it; it counts more than one inside ``text``.
        hosts: of hubs, besides the public ones, whose links may be pasted.

    Raises:
        UserFacingError: it is none (code ``hub.not_a_reference``).
    """
    wanted = _SURROUNDINGS.sub("", " ".join(text.split())).strip()
    if not wanted or len(wanted) > _LONGEST:
        raise _none(text, _("That is not the name of a model."))
    if (known := _from_catalogue(wanted)) is not None:
        return _checked(known, revision, text)
    path, inner = _path_of(wanted, text, _HOSTS | hosts)
    repo, found = _repo_and_revision(path, text)
    return _checked(repo, revision or inner or found, text)


def _from_catalogue(wanted: str) -> str | None:
    for entry in load_everything():
        if wanted.casefold() in (entry.key, entry.name.casefold(), entry.hub_id.casefold()):
            return entry.hub_id
    return None


def _path_of(wanted: str, text: str, hosts: frozenset[str]) -> tuple[str, str]:
    """Return the path below the hub, and a revision written behind ``@``."""
    if wanted.startswith("hf://"):
        wanted = wanted.removeprefix("hf://").removeprefix("models/")
    elif "://" in wanted or wanted.split("/")[0].lower() in hosts:
        return _path_of_link(wanted, text, hosts), ""
    path, _at, revision = wanted.partition("@")
    return path, revision


def _path_of_link(wanted: str, text: str, hosts: frozenset[str]) -> str:
    try:
        link = urlsplit(wanted if "://" in wanted else f"https://{wanted}")
        host = (link.hostname or "").lower()
        netloc = link.netloc.rpartition("@")[2].lower()
    except ValueError as error:
        raise _none(text, _("That link is not valid.")) from error
    if link.scheme not in ("http", "https"):
        raise _none(text, _("“{scheme}” links do not lead to a model hub.", scheme=link.scheme))
    if host not in hosts and netloc not in hosts:
        raise _none(text, _("“{host}” is not a model hub.", host=host[:80]))
    return link.path


def _repo_and_revision(path: str, text: str) -> tuple[str, str]:
    parts = [unquote(part) for part in path.strip("/").split("/") if part]
    if parts and parts[0] in _OTHER_KINDS:
        raise _none(text, _(_OTHER_KINDS[parts[0]]))
    if parts and parts[0] == "models" and len(parts) > 2:  # as the hub's own programs write it
        parts = parts[1:]
    if len(parts) == 1 and ":" in parts[0]:
        raise _none(
            text,
            _(
                "“{name}” is the name of an Ollama model, whose files cannot be trained.",
                name=parts[0][:80],
            ),
        )
    if len(parts) < 2:
        raise _none(
            text,
            _(
                "“{name}” lacks the owner before the model's name.",
                name=" ".join(text.split())[:80],
            ),
        )
    owner, name, *rest = parts
    if ":" in name:
        name = name.partition(":")[0]  # “:Q4_K_M”, a file of a GGUF collection
    revision = ""
    if len(rest) >= 2 and rest[0] in ("tree", "blob", "resolve", "raw", "commit"):
        revision = rest[1]
    elif rest and rest[0] not in ("tree", "discussions", "blob", "commits"):
        raise _none(text, _("A model has one owner and one name, with one “/” between them."))
    return f"{owner}/{name.removesuffix('.git')}", revision


def _checked(repo: str, revision: str, text: str) -> HubReference:
    owner, name = repo.split("/", 1)
    for part in (owner, name):
        if not _PART.fullmatch(part) or "--" in part or ".." in part:
            raise _none(
                text,
                _(
                    "“{name}” contains characters that are not allowed in names on the hub.",
                    name=part[:80],
                ),
            )
    revision = revision.strip() or DEFAULT_REVISION
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise _none(text, _("“{version}” cannot be the name of a version.", version=revision[:80]))
    return HubReference(repo, revision)


def _none(text: str, what: str) -> UserFacingError:
    return UserFacingError("hub.not_a_reference", what, _(_TODO), text[:_LONGEST])
