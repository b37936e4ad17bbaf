"""What to do with a saved form now, in the place that it was saved for: exact lines to type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.export.gguf.installed import model_name
from core.export.gguf.quants import ADAPTER
from core.export.saves.forms import FORMS, Choice, Place
from core.language import N_, Sentence, _

_OLLAMA = N_("In a terminal, type these lines. The last one starts a conversation.")
_LM_STUDIO = N_("Copy the file to this folder of LM Studio:")
_PYTHON = N_("In Python, load it with these lines:")
_LLAMA = N_("Copy the folder to the other machine. llama.cpp starts there with this line:")
_LLAMA_ADAPTER = N_(
    "Copy the folder to the other machine, where the base model must be a GGUF file. llama.cpp "
    "starts there with this line:"
)
_WHOLE = N_("Copy the folder to the other machine. vLLM starts there with this line:")
_ADAPTER = N_(
    "Copy the folder to the other machine, and the base model too. There, load both in Python "
    "with these lines:"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """A sentence, and the lines that it is about."""

    text: Sentence
    lines: str


def usual_place(form: str) -> Place:
    """Return where a form is used first of all."""
    places = FORMS[form].places if form in FORMS else {}
    return next(iter(places), "python")


def ending(place: Place, choice: Choice, folder: Path, base: Path) -> Ending:
    """Return what to do with the saved ``folder``; ``base`` is the base model's."""
    is_file = any(folder.glob("*.gguf")) if choice.form != "gguf" else True
    if place == "python" or not is_file:
        there = place == "machine"
        return _in_python(choice, folder, base, there=there)
    if place == "ollama":
        name = model_name(folder.name)
        return Ending(_(_OLLAMA), _COMMANDS.format(folder=folder, name=name))
    file = _file_of(folder)
    if place == "lm_studio":
        target = Path("models", "homelab-tuner", model_name(folder.name), file)
        return Ending(_(_LM_STUDIO), f"{folder / file}\n→ {target}")
    if choice.quant == ADAPTER:
        line = _LORA.format(base=base.name, file=f"{folder.name}/{file}")
        return Ending(_(_LLAMA_ADAPTER), line)
    return Ending(_(_LLAMA), f'llama-server --jinja -m "{folder.name}/{file}"')  # not shown


def _file_of(folder: Path) -> str:
    return next((file.name for file in sorted(folder.glob("*.gguf"))), "model.gguf")


def _in_python(choice: Choice, folder: Path, base: Path, *, there: bool) -> Ending:
    place, origin = (folder.name, base.name) if there else (str(folder), str(base))
    if choice.form == "adapter":
        return Ending(_(_ADAPTER if there else _PYTHON), _PEFT.format(folder=place, base=origin))
    if there:
        return Ending(_(_WHOLE), f'vllm serve "{place}"')  # not shown: a command
    return Ending(_(_PYTHON), _TRANSFORMERS.format(folder=place))


_LORA = 'llama-server --jinja -m "{base}.gguf" --lora "{file}"'  # not shown: a command

_COMMANDS = (  # not shown: commands
    """\
cd "{folder}"
ollama create {name} -f Modelfile
ollama run {name}"""
)

_PEFT = (  # not shown: a program
    """\
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
base = AutoModelForCausalLM.from_pretrained(r"{base}")
model = PeftModel.from_pretrained(base, r"{folder}")
tokenizer = AutoTokenizer.from_pretrained(r"{folder}")"""
)

_TRANSFORMERS = (  # not shown: a program
    """\
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained(r"{folder}")
tokenizer = AutoTokenizer.from_pretrained(r"{folder}")"""
)
