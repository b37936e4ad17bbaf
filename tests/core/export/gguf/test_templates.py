"""Prompts of many families are, token for token, what llama.cpp makes of the exported file.

A tiny model takes each family's real chat template (those that ship in ``trl``) and special tokens.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.chat.template import end_processes, render_chat
from core.chat.tokens import render_prompt
from core.data.example import Message
from core.export.gguf.conversion import Source
from core.models.loading import load_tokenizer

FAMILIES = {  # beginning of text, ends, and what else the template writes as tokens
    "chatml": ("", "<|im_end|>", []),
    "llama3": ("<|begin_of_text|>", "<|eot_id|>", ["<|start_header_id|>", "<|end_header_id|>"]),
    "llama3_1": ("<|begin_of_text|>", "<|eot_id|>", ["<|start_header_id|>", "<|end_header_id|>"]),
    "qwen2_5": ("", "<|im_end|>", ["<|im_start|>", "<|endoftext|>"]),
    "qwen3": ("", "<|im_end|>", ["<|im_start|>", "<|endoftext|>"]),
    "gemma": ("<bos>", "<end_of_turn>", ["<start_of_turn>"]),
    "gemma3": ("<bos>", "<end_of_turn>", ["<start_of_turn>"]),
    "phi3": ("<s>", "<|end|>", ["<|user|>", "<|assistant|>", "<|system|>", "<|endoftext|>"]),
    "phi3_5": ("<s>", "<|end|>", ["<|user|>", "<|assistant|>", "<|system|>", "<|endoftext|>"]),
    "mistral": ("<s>", "</s>", ["[INST]", "[/INST]"]),
}
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "[INST] {{ message['content'] }} [/INST]{% elif message['role'] == 'assistant' %}"
    " {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
CHATS = {
    "one turn": [Message("user", "Which colour has the door?")],
    "several turns": [
        Message("user", "Which colour has the door?"),
        Message("assistant", "Green, so größer ist 漢字 🙂."),
        Message("user", "  And  the window?\n"),
    ],
}


@pytest.fixture(autouse=True)
def templates_end():
    yield
    end_processes()


def template_of_family(name, tokenizer):
    if name == "chatml":
        return tokenizer.chat_template
    if name == "mistral":
        return MISTRAL
    spec = importlib.util.find_spec("trl")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / "chat_templates" / f"{name}.jinja").read_text("utf-8")


def tiny_of_family(name, base, folder):
    """Write the tiny base with a family's tokens and template; return its tokenizer."""
    import torch
    from safetensors.torch import load_file, save_file

    begin, end, more = FAMILIES[name]
    shutil.copytree(base, folder)
    tokenizer = load_tokenizer(folder)
    template = template_of_family(name, tokenizer)
    added = [token for token in [begin, end, *more] if token]
    tokenizer.add_special_tokens({"additional_special_tokens": added, "eos_token": end})
    if begin:
        tokenizer.bos_token = begin
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    embedding = weights["model.embed_tokens.weight"]
    rows = len(tokenizer) - len(embedding)
    if rows > 0:
        weights["model.embed_tokens.weight"] = torch.cat([embedding, embedding[:rows]])
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config |= {"vocab_size": max(len(tokenizer), len(embedding))}
    config |= {"eos_token_id": tokenizer.eos_token_id, "bos_token_id": tokenizer.bos_token_id}
    (folder / "config.json").write_text(json.dumps(config))
    return load_tokenizer(folder)


def test_llama_cpp_makes_the_prompts_that_were_trained_on(tiny_model, tmp_path):
    asked, wanted = [], []
    for name in FAMILIES:
        tokenizer = tiny_of_family(name, tiny_model, tmp_path / name)
        file = tmp_path / f"{name}.gguf"
        Source(tmp_path / name, "Q8_0", file, name).write(lambda _done, _total: None)
        chats = [
            [{"role": m.role, "content": m.content} for m in messages]
            for messages in CHATS.values()
        ]
        asked.append({"file": str(file), "chats": chats})
        prompts = [render_chat(tokenizer, chat, add_generation_prompt=True) for chat in chats]
        trained_on = [render_prompt(tokenizer, messages) for messages in CHATS.values()]
        assert prompts[0] == trained_on[0], name
        wanted.append([[p, tokenizer(p, add_special_tokens=False)["input_ids"]] for p in prompts])
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.export.gguf.prompt_child"],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name, expected, found in zip(FAMILIES, wanted, json.loads(done.stdout), strict=True):
        for chat, (prompt, ids), (their_prompt, their_ids) in zip(
            CHATS, expected, found, strict=True
        ):
            assert their_ids == ids, (name, chat, prompt, their_prompt)
