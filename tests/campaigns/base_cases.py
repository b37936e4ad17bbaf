"""Campaign of odd bases and tiny datasets: what happens with each, made up here and checked.

``python -m tests.campaigns.base_cases [--only NAME...]`` prints one line a case and ends with
``cases N, failures M``. The numbers are those of the cases of odd inputs that have no file to read.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.training import train
from core.chat.notes import MISSING
from core.chat.readings import Reader
from core.chat.template import KnownTemplate
from core.commands.terminal import run_job
from core.data.example import Message
from core.data.findings.structure import in_order
from core.errors import UserFacingError
from core.models.inspection import inspect_model
from core.models.loading import load_base, load_tokenizer
from core.project import Project
from tests.campaigns.templates import looked_at
from tests.core.models.odd_bases import ODD_BASES, edited
from tests.models import kept_sample_model, make_tiny_model, write_numbers

_SAY = "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
_ASK = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
_EACH = "{% for m in messages %}"
_NO_SYSTEM = "{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
TEMPLATES = {
    "60 earlier answers are shown otherwise": _EACH
    + "<|im_start|>{{ m.role }}\n"
    + "{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}"
    + "{{ m.content }}<|im_end|>\n{% endfor %}" + _ASK,
    "62 no system text": _EACH + _NO_SYSTEM + _SAY + "{% endfor %}" + _ASK,
    "64 no system text, other words": _EACH + _NO_SYSTEM
    + "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    + "{{ m.content }}<end_of_turn>\n{% endfor %}"
    + "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}",
    "67 tool turns are left out": _EACH + "{% if m.role != 'tool' %}" + _SAY
    + "{% endif %}{% endfor %}" + _ASK,
}  # fmt: skip


def _base(place: Path) -> Path:
    return make_tiny_model(place / "base", kept_sample_model())


def template(text: str) -> Callable[[Path], str]:
    """Every answer is learned once behind its prompt; what is not seen is named."""

    def case(place: Path) -> str:
        path = place / "t.jinja"
        path.write_text(text)
        found = looked_at(path)
        other = {f"{one.conversation}: {one.failures}" for one in found
                 if set(one.failures) - MISSING}  # fmt: skip
        assert not other, other
        notes = {note for one in found if one.readings for note in one.readings.notes}
        return ", ".join(sorted(notes)) or "as it is"

    return case


def _begins_with_bos(place: Path) -> str:
    base = _base(place)
    (base / "chat_template.jinja").unlink()
    tokenizer = json.loads((base / "tokenizer.json").read_text())
    special = {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing", "special_tokens": {"<|im_start|>": special},
        "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    }  # fmt: skip
    (base / "tokenizer.json").write_text(json.dumps(tokenizer))
    text = load_tokenizer(base).apply_chat_template(
        [{"role": "user", "content": "a"}], tokenize=False
    )
    assert text.startswith("<|im_start|>###")
    return "trained and asked with its first token"


def _another_end(place: Path) -> str:
    base = _base(place)
    ODD_BASES["another end"](base)
    exported = _trained(place, base, 60, export=True)
    ends = json.loads((exported / "generation_config.json").read_text())["eos_token_id"]
    assert 2 in ends, ends
    return "the export stops at the learned end"


def _auto_map(place: Path) -> str:
    base = _base(place)
    maker = "modeling_own.OwnForCausalLM"
    edited("config.json", auto_map={"AutoModelForCausalLM": maker})(base)
    (base / "modeling_own.py").write_text("raise SystemExit('run')")
    inspect_model(base)
    return type(load_base(base, "none", "cpu")).__name__


def _token_beyond(place: Path) -> str:
    base = _base(place)
    rows = json.loads((base / "config.json").read_text())["vocab_size"]
    tokenizer = json.loads((base / "tokenizer.json").read_text())
    done = {"id": rows, "content": "<|done|>", "special": True, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": False}  # fmt: skip
    tokenizer["added_tokens"].append(done)
    (base / "tokenizer.json").write_text(json.dumps(tokenizer))
    edited(eos_token="<|done|>")(base)
    return _refused(base, "model.token_beyond")


def _no_end(place: Path) -> str:
    base = _base(place)
    ODD_BASES["no special tokens named"](base)
    end = inspect_model(base).end
    assert end
    return f"its end is taken from the model: {end}"


def _missing_tensor(place: Path) -> str:
    from safetensors.torch import load_file, save_file

    base = _base(place)
    weights = load_file(base / "model.safetensors")
    weights.pop("model.layers.0.mlp.up_proj.weight")
    save_file(weights, base / "model.safetensors", {"format": "pt"})
    return _refused(base, "model.mismatch", "model.layers.0.mlp.up_proj.weight")


def _weights_joined(_place: Path) -> str:
    """Turns of one speaker that are joined do not make a bad draft one to learn."""
    turns = (
        Message("user", "Why?"),
        Message("assistant", "Bad draft.", trained=False),
        Message("assistant", "So."),
        Message("user", "And?"),
        Message("assistant", "Worse.", trained=False),
        Message("assistant", "Thus."),
    )
    for name, text in TEMPLATES.items():
        reader = Reader(KnownTemplate(text, {}), ("<|im_end|>", "<end_of_turn>"))
        texts = reader.read(in_order(turns)).texts
        learned = " ".join(t.text[a:b] for t in texts for a, b in t.spans)
        assert "So." in learned and "Thus." in learned, (name, learned)
        assert "Bad" not in learned and "Worse" not in learned, (name, learned)
    return "only the better ones are learned"


def _nan(place: Path) -> str:
    from safetensors.torch import load_file, save_file

    base = _base(place)
    weights = load_file(base / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0, 0] = float("nan")
    save_file(weights, base / "model.safetensors", {"format": "pt"})
    try:
        _trained(place, base, 5)
    except UserFacingError as error:
        assert "not finite" in error.what, error.what
        return error.what
    raise AssertionError("it was trained")


def _refused(base: Path, code: str, words: str = "") -> str:
    try:
        inspect_model(base)
    except UserFacingError as error:
        assert error.code == code and words in error.what, error
        return error.what
    raise AssertionError("it was accepted")


def rows(count: int, **values: Any) -> Callable[[Path], str]:
    """A few rows are trained, or refused in words."""

    def case(place: Path) -> str:
        try:
            _trained(place, _base(place), count, **values)
        except UserFacingError as error:
            assert count == 1, error
            return error.what
        return "trained"

    return case


def _trained(place: Path, base: Path, count: int, *, export: bool = False, **values: Any) -> Path:
    from core.actions.results import export as write

    project = Project.create(place / "project")
    prepare(project, [write_numbers(place / "numbers.jsonl", count)], run_job=run_job)
    here = look(project, base)
    config = choose(here, values={"effective_batch": 2, "rank": 4, "max_steps": 3, **values}).config
    train(here, config, run_job=run_job)
    if not export:
        return place
    write(project, "", place / "export", run_job=run_job)
    return place / "export"


CASES: dict[str, Callable[[Path], str]] = {
    **{name: template(text) for name, text in TEMPLATES.items()},
    "68 begins every text with a token": _begins_with_bos,
    "69 another end is learned": _another_end,
    "70 names code of its maker": _auto_map,
    "71 a token without weights": _token_beyond,
    "72 names no end": _no_end,
    "73 a tensor is missing": _missing_tensor,
    "80 one row": rows(1),
    "81 two rows": rows(2),
    "82 five rows": rows(5),
    "85 a tenth of an epoch": rows(80, max_steps=0, epochs=0.1),
    "87 weights of turns that are joined": _weights_joined,
    "88 a weight that is no number": _nan,
}


def main(arguments: list[str]) -> int:
    """Try every case; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[])
    only = parser.parse_args(arguments).only
    chosen = {n: c for n, c in CASES.items() if not only or n.startswith(tuple(only))}
    failures = 0
    for name, case in chosen.items():
        with tempfile.TemporaryDirectory(prefix="homelab-bases-") as place:
            try:
                line = case(Path(place))
            except Exception as error:  # the campaign is there to find these
                failures += 1
                line = f"FAILED: {type(error).__name__}: {error}"
        sys.stdout.write(f"{name:40}{line}\n")
        sys.stdout.flush()
    sys.stdout.write(f"cases {len(chosen)}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
