import io
import json
import subprocess
import sys

import psutil
import pytest

from core.chat.sandbox import (
    MEMORY_BYTES,
    MOST_REASON,
    RefusedError,
    UnsafeError,
    compiled,
    rendered,
    serve,
)

TALK = [{"role": "user", "content": "<Why?>"}]


def answers(*requests):
    lines = b"".join(json.dumps(request).encode() + b"\n" for request in requests)
    out = io.BytesIO()
    assert serve(io.BytesIO(lines), out, limit=lambda: None) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_request_gets_one_line():
    first = {"template": "{{ bos }}{{ messages[0]['content'] }}", "variables": {"bos": "<s>"}}
    request = {"messages": TALK, "add_generation_prompt": False}
    assert answers(first, request, request) == [
        {"text": ""},
        {"text": "<s><Why?>"},
        {"text": "<s><Why?>"},
    ]
    assert answers() == []


def test_a_bad_template_answers_every_request_with_its_fault():
    request = {"messages": TALK, "add_generation_prompt": False}
    found = answers({"template": "{% if %}", "variables": {}}, request)
    assert all("error" in answer for answer in found)


def test_what_templates_of_the_hub_use_is_there():
    render = compiled(
        "{% for m in messages %}{% generation %}{{ m | tojson }}{% endgeneration %}{% break %}"
        "{% endfor %}{{ strftime_now('%Y') | length }}{{ dict(a=1).a }}"
        "{% set ns = namespace(n=0) %}{% set ns.n = 2 %}{{ ns.n }}"
    )
    assert render(messages=TALK) == '{"role": "user", "content": "<Why?>"}412'


def test_a_text_without_measure_is_refused():
    template = "{% for n in range(9000) %}{{ messages[0]['content'] }}{% endfor %}"
    talk = [{"role": "user", "content": "x" * 2000}]
    first = {"template": template, "variables": {}}
    found = answers(first, {"messages": talk, "add_generation_prompt": False})
    assert found[1]["fatal"]


@pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux tells another process's limit")
def test_its_process_may_not_have_more_memory():
    child = subprocess.Popen(
        [sys.executable, "-m", "core.chat.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        child.stdin.write(b'{"template": "", "variables": {}}\n')
        child.stdin.flush()
        assert child.stdout.readline()  # it has begun
        limit = psutil.Process(child.pid).rlimit(psutil.RLIMIT_AS)
        child.stdin.close()
    assert limit == (MEMORY_BYTES, MEMORY_BYTES)


def test_a_reason_is_short_and_of_one_line():
    render = compiled("{{ raise_exception('no\n ' * 9999) }}")
    with pytest.raises(RefusedError) as refusal:
        rendered(render, {}, TALK, False)
    assert len(str(refusal.value)) <= MOST_REASON
    assert "\n" not in str(refusal.value)


def test_a_long_conversation_may_become_a_long_text():
    render = compiled("{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}")
    long = [{"role": "user", "content": "x" * 3_000_000}]
    assert len(rendered(render, {}, long, False)) == 6_000_000
    many = compiled("{% for n in range(30) %}{{ messages[0].content }}{% endfor %}")
    with pytest.raises(UnsafeError):
        rendered(many, {}, long, False)
