"""What the campaign of hostile models and datasets hands in: folders that want to run or read.

Every payload, wherever it hides, would write the canary; every path that leads out of the folder
leads to a secret that nobody may open.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

_GOOD = [{"prompt": f"What is {n}?", "completion": f"It is the number {n}."} for n in range(40)]


@dataclass(frozen=True)
class Trap:
    """Where a case may do harm.

    Attributes:
        base: a sound model folder, to be made hostile.
        secret: a file outside; opening it is a failure.
        canary: a file that only foreign code would write.
    """

    base: Path
    secret: Path
    canary: Path

    @property
    def code(self) -> str:
        """A statement that gives foreign code away."""
        return f"open({str(self.canary)!r}, 'w').close()"


class Payload:
    """Unpickling this runs code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return exec, (self.code,)


def _copy(trap: Trap, folder: Path, *, weights: bool = True) -> Path:
    folder.mkdir(parents=True)
    for path in trap.base.iterdir():
        if path.suffix == ".safetensors":
            if weights:
                os.link(path, folder / path.name)
        else:
            shutil.copyfile(path, folder / path.name)
    return folder


def _change(path: Path, **values: Any) -> None:
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**before, **values}), encoding="utf-8")


def pickled_weights(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Weights as a pickle, alone or beside the sound ones."""
    _copy(trap, folder, weights=chance.random() < 0.5)
    names = ["pytorch_model.bin", "model.pt", "model.ckpt", "training_args.bin", "optimizer.pt"]
    (folder / chance.choice(names)).write_bytes(pickle.dumps(Payload(trap.code)))


def pickle_called_safetensors(trap: Trap, folder: Path, _chance: random.Random) -> None:
    """A pickle under the name of a sound format."""
    _copy(trap, folder, weights=False)
    (folder / "model.safetensors").write_bytes(pickle.dumps(Payload(trap.code)))


def own_code(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Program files, named by an ``auto_map`` in some config."""
    _copy(trap, folder)
    (folder / "modeling_evil.py").write_text(f"{trap.code}\nclass Evil: pass\n")
    name = chance.choice(["config.json", "tokenizer_config.json", "generation_config.json"])
    places = ("AutoConfig", "AutoModelForCausalLM", "AutoTokenizer")
    _change(folder / name, auto_map=dict.fromkeys(places, "modeling_evil.Evil"))


def code_elsewhere(trap: Trap, folder: Path, chance: random.Random) -> None:
    """An ``auto_map`` that names another repository, deep inside a config."""
    _copy(trap, folder)
    values: Any = {"auto_map": {"AutoModel": "evil/repo--modeling.Evil"}}
    for _ in range(chance.randrange(30)):
        values = chance.choice([{"inner": values}, [values]])
    _change(folder / "config.json", more=values)


def only_code(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Program files that nothing names."""
    _copy(trap, folder)
    names = ["modeling_llama.py", "tokenization_llama.PY", "sitecustomize.py", "torch.py"]
    (folder / chance.choice(names)).write_text(trap.code)


def strange_values(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Values in the config that name things to import, to read, or that are absurd."""
    _copy(trap, folder)
    expression = f"__import__('os').system('touch {trap.canary}')"
    name, value = chance.choice(
        [
            ("torch_dtype", expression),
            ("dtype", expression),
            ("attn_implementation", "kernels-community/evil"),
            ("_attn_implementation", "evil/repo:function"),
            ("hidden_act", expression),
            ("model_type", "../../evil"),
            ("rope_scaling", {"rope_type": expression, "factor": 1e308}),
            ("vocab_size", 10**12),
            ("num_hidden_layers", -1),
            ("hidden_size", "64; rm -rf"),
            ("_name_or_path", str(trap.secret)),
            ("tokenizer_class", "os.system"),
            ("quantization_config", {"quant_method": expression}),
            (
                "quantization_config",
                {"quant_method": "bitsandbytes", "load_in_4bit": True,
                 "bnb_4bit_compute_dtype": expression},
            ),
            ("architectures", ["LlamaForCausalLM", expression]),
            ("pad_token_id", float("inf")),
        ]
    )  # fmt: skip
    _change(folder / "config.json", **{name: value})


def strange_tokenizer(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Values of the tokenizer's config that name files or classes elsewhere."""
    _copy(trap, folder)
    name, value = chance.choice(
        [
            ("tokenizer_class", "subprocess.Popen"),
            ("tokenizer_file", str(trap.secret)),
            ("vocab_file", str(trap.secret)),
            ("chat_template", str(trap.secret)),
            ("chat_template", [{"name": "default", "template": "{{ messages }}"}]),
            ("extra_special_tokens", {"x": "y" * 100_000}),
            ("model_max_length", -1),
            ("processor_class", "os.system"),
        ]
    )
    _change(folder / "tokenizer_config.json", **{name: value})


def greedy_generation(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Ways to answer that take all memory or all time."""
    _copy(trap, folder)
    name, value = chance.choice(
        [
            ("num_beams", 4000),
            ("num_return_sequences", 4000),
            ("min_new_tokens", 10**6),
            ("max_length", 10**9),
            ("cache_implementation", "evil"),
            ("prompt_lookup_num_tokens", 10**6),
            ("stop_strings", ["x" * 10**6]),
        ]
    )
    _change(folder / "generation_config.json", **{name: value})


def index_that_leads_out(trap: Trap, folder: Path, chance: random.Random) -> None:
    """An index of weights whose parts lie elsewhere."""
    _copy(trap, folder, weights=False)
    (folder / "part.safetensors").write_bytes((trap.base / "model.safetensors").read_bytes())
    elsewhere = chance.choice(
        [
            str(trap.secret),
            os.path.relpath(trap.secret, folder),
            "https://localhost:1/x.safetensors",
        ]
    )
    weight_map = {"model.embed_tokens.weight": elsewhere, "model.norm.weight": "part.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def links_that_lead_out(trap: Trap, folder: Path, chance: random.Random) -> None:
    """A file of the model is a link to something of the person's."""
    _copy(trap, folder)
    names = [
        "config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json",
        "chat_template.jinja", "model.safetensors", "README.md", "LICENSE", "vocab.json",
        "special_tokens_map.json", "additional_chat_templates",
    ]  # fmt: skip
    path = folder / chance.choice(names)
    path.unlink(missing_ok=True)
    path.symlink_to(trap.secret if path.suffix else trap.secret.parent)


def template(trap: Trap, folder: Path, chance: random.Random) -> None:
    """A chat template that wants out of its sandbox, or never to end."""
    _copy(trap, folder)
    cycler = "cycler.__init__.__globals__.os.system('touch " + str(trap.canary) + "')"
    text = chance.choice(
        [
            "{{ " + cycler + " }}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ messages.__class__.__base__.__subclasses__() }}",
            "{{ lipsum.__globals__['os'].popen('touch " + str(trap.canary) + "').read() }}",
            "{% include '" + str(trap.secret) + "' %}",
            "{% import '" + str(trap.secret) + "' as x %}{{ x }}",
            "{% extends '" + str(trap.secret) + "' %}",
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "{{ 'x' * 10 ** 11 }}",
            "{{ '%s' | format('x') * 9999999999 }}",
            "{% set x = namespace(v='a') %}{% for i in range(60) %}"
            "{% set x.v = x.v + x.v %}{% endfor %}{{ x.v }}",
            "{{ raise_exception('no') }}",
            "{% if %}",
            "{{ messages | attr('__init__') | attr('__globals__') }}",
        ]
    )
    (folder / "chat_template.jinja").write_text(text)
    _change(folder / "tokenizer_config.json", chat_template=text)


def zip_slip(trap: Trap, folder: Path, chance: random.Random) -> None:
    """An archive whose names lead out, or whose member is a link."""
    folder.mkdir()
    content = "\n".join(json.dumps(row) for row in _GOOD)
    out = os.path.relpath(trap.canary, folder)
    names = [out, str(trap.canary), "..\\..\\evil.jsonl", "C:\\evil.jsonl", f"a/../../{out}"]
    with zipfile.ZipFile(folder / "data.zip", "w") as archive:
        name = chance.choice(names)
        archive.writestr(name if name.endswith("jsonl") else f"{name}.jsonl", content)
        archive.writestr(chance.choice(names), content)
        link = zipfile.ZipInfo("link.jsonl")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, str(trap.secret))


def linked_rows(trap: Trap, folder: Path, chance: random.Random) -> None:
    """A folder of examples with links out of it, and one that leads back to itself."""
    folder.mkdir()
    (folder / "good.jsonl").write_text("\n".join(json.dumps(row) for row in _GOOD))
    if chance.random() < 0.5:
        (folder / "more.jsonl").symlink_to(trap.secret)
    else:
        (folder / "more").symlink_to(trap.secret.parent)
    (folder / "self").symlink_to(folder)


def pickled_rows(trap: Trap, folder: Path, chance: random.Random) -> None:
    """A pickle under the name of a table."""
    folder.mkdir()
    names = ["rows.parquet", "rows.jsonl", "rows.csv", "rows.xlsx", "rows.jsonl.gz", "rows.zip"]
    (folder / chance.choice(names)).write_bytes(pickle.dumps(Payload(trap.code)))


def python_in_parquet(trap: Trap, folder: Path, chance: random.Random) -> None:
    """A Parquet file whose metadata hold a pickled type."""
    folder.mkdir()
    table = pyarrow.table({name: [row[name] for row in _GOOD] for name in _GOOD[0]})
    name = chance.choice([b"arrow.py_extension_type", b"evil"])
    metadata = {
        b"ARROW:extension:name": name,
        b"ARROW:extension:metadata": pickle.dumps(Payload(trap.code)),
    }
    field = table.schema.field(0).with_metadata(metadata)
    schema = pyarrow.schema([field, table.schema.field(1)], {b"pandas": metadata.popitem()[1]})
    parquet.write_table(table.cast(schema), folder / "rows.parquet")


def entities(trap: Trap, folder: Path, _chance: random.Random) -> None:
    """A spreadsheet whose XML names a file of the person's and one on the network."""
    folder.mkdir()
    evil = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "file://{trap.secret}">'
        '<!ENTITY n SYSTEM "http://localhost:1/x">]><sst><si><t>&s;&n;</t></si></sst>'
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("xl/sharedStrings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            archive.writestr(name, evil)
        archive.writestr("[Content_Types].xml", evil)
    (folder / "rows.xlsx").write_bytes(content.getvalue())


def texts_that_call(trap: Trap, folder: Path, chance: random.Random) -> None:
    """Rows whose texts would fetch or run something if anybody looked at them as a document."""
    folder.mkdir()
    texts = [
        '<img src="http://localhost:1/x.png"><script src="//localhost:1/x.js"></script>',
        f'=HYPERLINK("http://localhost:1","x")+cmd|\'/c touch {trap.canary}\'!A1',
        f"{{{{ cycler.__init__.__globals__.os.system('touch {trap.canary}') }}}}",
        f"!!python/object/apply:os.system ['touch {trap.canary}']",
        f"file://{trap.secret}",
        f"![x](file://{trap.secret}) http://localhost:1/?q=1",
        "%s%s%s%n ${jndi:ldap://localhost:1/a} $(touch x) `id`",
    ]
    rows = [{**row, "completion": f"{row['completion']} {chance.choice(texts)}"} for row in _GOOD]
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))


Kind = Callable[[Trap, Path, random.Random], None]
MODELS: tuple[Kind, ...] = (
    greedy_generation,
    pickled_weights, pickle_called_safetensors, own_code, code_elsewhere, only_code,
    strange_values, strange_tokenizer, index_that_leads_out, links_that_lead_out, template,
)  # fmt: skip
DATASETS: tuple[Kind, ...] = (
    zip_slip, linked_rows, pickled_rows, python_in_parquet, entities, texts_that_call,
)  # fmt: skip
