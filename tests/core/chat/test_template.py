"""Chat templates that come with a model: harmless ones render alike, hostile ones are stopped."""

import subprocess
import sys
import time

import psutil
import pytest

from core.chat import template as templates
from core.chat.template import (
    GuardedTemplate,
    TemplateRejectsError,
    is_known,
    render_chat,
    template_hash,
)
from core.errors import UserFacingError
from core.models.loading import PLAIN_TEMPLATE, PLAIN_TEMPLATE_WITH_BOS
from tests.core.chat.test_tokens import TEMPLATES

TALK = [
    {"role": "user", "content": "Is 1 < 2 & “ü” 漢字?"},
    {"role": "assistant", "content": "Yes.\nIt is."},
]
LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
EATS = (
    "{% set ns = namespace(x='0123456789') %}"
    "{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"
)
EATS_A_LIST = "{{ [0] * 9999999999 }}"
FOLDED = "{{ 'x' * 9999999999 }}"  # computed while the template is compiled
FOLDS_SLOWLY = "{{ 9 ** (9 ** 9) }}"
CALLS_ITSELF = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"


@pytest.fixture
def guarded():
    """Return a function that makes guarded templates and ends their processes."""
    made = []

    def make(template, **variables):
        made.append(GuardedTemplate(template, variables))
        return made[-1]

    yield make
    for template in made:
        template.close()


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    templates.end_processes()


def own_tokenizer(sample_model, template):
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    tokenizer.chat_template = template
    return tokenizer


def test_the_sample_and_the_plain_template_are_known(tokenizer):
    assert is_known(tokenizer.get_chat_template())
    assert is_known(PLAIN_TEMPLATE)
    assert is_known(PLAIN_TEMPLATE_WITH_BOS)
    assert not is_known(PLAIN_TEMPLATE + "x")
    assert template_hash("a\n") == template_hash("a")


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("prompt", [True, False])
def test_the_limited_process_renders_what_transformers_does(sample_model, name, prompt):
    tokenizer = own_tokenizer(sample_model, TEMPLATES[name][0])
    assert not is_known(tokenizer.get_chat_template())
    talk = TALK[:1] if prompt else TALK
    expected = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=prompt)
    assert render_chat(tokenizer, talk, add_generation_prompt=prompt) == expected


def test_known_templates_are_rendered_without_another_process(tokenizer, monkeypatch):
    monkeypatch.setattr(templates, "GuardedTemplate", None)
    assert "Is 1 < 2" in render_chat(tokenizer, TALK, add_generation_prompt=False)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (LOOPS, "does not end"),
        (EATS, "too much memory"),
        (EATS_A_LIST, "too much memory"),
        (FOLDED, "too much memory"),
        (FOLDS_SLOWLY, "does not end"),
        (CALLS_ITSELF, "without end"),
    ],
)
def test_a_template_that_loops_or_eats_memory_is_stopped(guarded, template, reason):
    hostile = guarded(template)
    with pytest.raises(UserFacingError) as refusal:
        hostile.render(TALK, False)
    assert refusal.value.code == "model.template_unsafe"
    assert reason in refusal.value.what
    children = psutil.Process().children(recursive=True)
    assert not [c for c in children if "template_child" in " ".join(c.cmdline())]


def test_one_hostile_conversation_does_not_pass_unseen(guarded):
    sly = guarded("{% if messages | length > 1 %}" + LOOPS + "{% endif %}ok")
    assert sly.render(TALK[:1], False) == "ok"
    with pytest.raises(UserFacingError):
        sly.render(TALK, False)
    assert sly.render(TALK[:1], False) == "ok", "a fresh process"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ raise_exception('No system turn.') }}", "No system turn."),
        ("{% if %}", "Expected an expression"),
        ("{{ messages[0].__class__.__mro__ }}", "unsafe"),
    ],
)
def test_what_a_template_refuses_is_told(guarded, template, said):
    with pytest.raises(TemplateRejectsError, match=said):
        guarded(template).render(TALK, False)


def test_a_process_that_dies_is_a_refusal(guarded, monkeypatch):
    command = [sys.executable, "-c", "pass"]
    monkeypatch.setattr(templates, "child_command", lambda: command)
    with pytest.raises(UserFacingError) as refusal:
        guarded("x").render(TALK, False)
    assert refusal.value.code == "model.template_unsafe"


WITHOUT_A_LIMIT = """
import sys, time
sys.stdin.readline()
print('{"text": ""}', flush=True)
sys.stdin.readline()
taken = []
for _ in range(40):
    taken.append(b"x" * (16 << 20))
    time.sleep(0.05)
print('{"text": "it was let"}', flush=True)
"""


def test_memory_is_watched_where_the_system_sets_no_limit(guarded, monkeypatch):
    """As on Windows: 640 MB in two seconds, and nobody else to stop it."""
    command = [sys.executable, "-c", WITHOUT_A_LIMIT]
    monkeypatch.setattr(templates, "child_command", lambda: command)
    hostile = guarded("x")
    with pytest.raises(UserFacingError) as refusal:
        hostile.render(TALK, False)
    assert "too much memory" in refusal.value.what
    assert hostile._child is None


def test_a_loop_is_stopped_by_the_time_it_computes(guarded):
    """Long before the patience that a busy computer may need."""
    began = time.monotonic()
    with pytest.raises(UserFacingError):
        guarded(LOOPS).render(TALK, False)
    assert time.monotonic() - began < 0.8 * templates._MOST_WAIT


def test_a_process_whose_parent_is_gone_ends_by_itself(tmp_path):
    """The parent may be killed while a template loops: nobody would end it then."""
    script = (
        "import os; from core.chat.template import GuardedTemplate;"
        f"t = GuardedTemplate({LOOPS!r}, {{}}); t._start();"
        "print(t._child.pid, flush=True);"
        "t._ask = lambda *_: os._exit(0);"
        "import json; t._child.stdin.write(json.dumps({'messages': [],"
        "'add_generation_prompt': False}).encode() + b'\\n'); t._child.stdin.flush(); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    try:
        left = psutil.Process(int(done.stdout))
    except psutil.NoSuchProcess:
        return
    assert left.wait(timeout=60) is not None or not left.is_running()


def test_what_a_template_says_is_cut(guarded):
    long = guarded("{{ raise_exception('no ' * 99999) }}")
    with pytest.raises(TemplateRejectsError) as refusal:
        long.render(TALK, False)
    assert len(str(refusal.value)) <= 400


def test_several_named_templates_mean_the_default_one(sample_model):
    named = {"tool_use": "T", "default": "D{{ messages[0].content }}"}
    tokenizer = own_tokenizer(sample_model, named)
    assert render_chat(tokenizer, TALK[:1], add_generation_prompt=False).startswith("DIs 1")
    tokenizer.chat_template = {"other": "O"}
    assert render_chat(tokenizer, TALK[:1], add_generation_prompt=False) == "O"
