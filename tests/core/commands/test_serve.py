"""The command from outside: started, asked by a real client, ended by Ctrl-C."""

import json
import os
import signal
import subprocess
import sys

import openai
import pytest

from core.commands.serve import _recorded, how_to_use
from core.project import Project
from core.serving.use.record import record_settings
from tests.core.actions.test_serving import Named


def test_it_says_where_it_is_and_how_it_is_used():
    lines = how_to_use(Named())
    assert "Address: http://127.0.0.1:8642/v1" in lines
    (curl,) = [line for line in lines if line.startswith("curl ")]
    assert "Bearer sk-local-key" in curl
    assert '"model": "train-001"' in curl
    (code,) = [line for line in lines if "openai.OpenAI" in line]
    compile(code, "code", "exec")


def test_what_is_recorded_is_said_and_can_be_changed(tmp_path):
    project = Project.create(tmp_path / "p")
    assert "The first 200 characters" in _recorded(project, "")
    assert _recorded(project, "off") == "What is asked is not recorded."
    assert not record_settings(project).on
    assert _recorded(project, "") == "What is asked is not recorded."
    assert "The first 200 characters" in _recorded(project, "on")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
def test_a_fine_tune_answers_the_openai_package(own_copy, home):
    command = [sys.executable, "-m", "gui", "serve", "--project", str(own_copy.root)]
    with subprocess.Popen(
        [*command, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        document = ""
        while "}" not in document:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            document += line
        where = json.loads(document)
        run = where["models"][-1]
        with openai.OpenAI(base_url=where["address"], api_key=where["key"]) as client:
            for model in ("base", run):
                answer = client.chat.completions.create(
                    model=model, messages=[{"role": "user", "content": "Hello"}], max_tokens=4
                )
                assert answer.usage.completion_tokens >= 1
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(30) == 0
    assert "GB free" in said
    assert "The model is loaded." in said
    assert "The server is closed." in said
