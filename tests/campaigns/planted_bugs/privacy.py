"""Bugs against privacy and security: what strangers' files may not do, what nobody may read."""

from tests.campaigns.planted_bugs.bug import Bug

_CLEANING = "tests/core/data/test_cleaning.py"
_ANALYSIS = "tests/core/data/findings/test_analysis.py"
_TEMPLATES = "tests/core/chat/test_template.py"
_TEMPLATE_CHILD = "tests/core/chat/test_sandbox.py"
_INSPECTION = "tests/core/models/test_inspection.py"

BUGS = (
    Bug(
        "secrets stay where they are to be hidden",
        "core/data/cleaning.py",
        "    if repairs & BIT[Kind.SECRET]:\n",
        "    if repairs & BIT[Kind.SECRET] and not messages:\n",
        (_CLEANING,),
    ),
    Bug(
        "personal data stay where they are to be hidden",
        "core/data/cleaning.py",
        "    if repairs & BIT[Kind.PERSONAL_DATA]:\n",
        "    if repairs & BIT[Kind.PERSONAL_DATA] and not messages:\n",
        (_CLEANING,),
    ),
    Bug(
        "secrets in the reasoning stay",
        "core/data/cleaning.py",
        '    reasoning = change(message.reasoning) if message.reasoning else ""\n',
        "    reasoning = message.reasoning\n",
        (_CLEANING,),
    ),
    Bug(
        "secrets in the question are not looked for",
        "core/data/findings/analysis.py",
        "        self._check_secrets(question, lower_question, question_words)\n",
        "",
        (_ANALYSIS,),
    ),
    Bug(
        "secrets in the answer are not looked for",
        "core/data/findings/analysis.py",
        "        self._check_secrets(answer, lower_answer, answer_words)\n",
        "",
        (_ANALYSIS,),
    ),
    Bug(
        "secrets in the reasoning are not looked for",
        "core/data/findings/analysis.py",
        "            self._check_secrets(thought, lower_thought, words_of(lower_thought))\n",
        "            pass\n",
        (_ANALYSIS,),
    ),
    Bug(
        "only the first secret is hidden",
        "core/data/findings/secrets.py",
        "    spans = sorted(_spans(text))\n",
        "    spans = sorted(_spans(text))[:1]\n",
        ("tests/core/data/findings/test_secrets.py",),
    ),
    Bug(
        "examples are written into the log",
        "core/chat/tokens.py",
        "    from datasets.arrow_writer import ArrowWriter\n",
        "    from datasets.arrow_writer import ArrowWriter\n\n"
        "    examples = list(examples)\n    print(examples)  # noqa: T201\n",
        ("tests/core/chat/test_tokens.py::test_examples_are_not_printed",),
    ),
    Bug(
        "texts of the data are HTML on the receipt",
        "core/data/versions/receipt_page.py",
        'f"<td>{escape(cell)}</td>" for cell in row',
        'f"<td>{cell}</td>" for cell in row',
        ("tests/core/data/versions/test_receipt_page.py",),
    ),
    Bug(
        "texts of the data are marks on the receipt",
        "core/data/versions/receipt_page.py",
        '    return " ".join(text.split()).translate(_MARKS)\n',
        '    return " ".join(text.split())\n',
        ("tests/core/data/versions/test_receipt_page.py",),
    ),
    Bug(
        "a name is a formula in a saved table",
        "gui/training/charts/export.py",
        '    return f"\'{text}" if text.startswith(_FORMULA) else text\n',
        "    return text\n",
        ("tests/gui/training/charts/test_export.py",),
    ),
    Bug(
        "a template may take any memory in its parent's eyes",
        "core/chat/template.py",
        "            if memory > MEMORY_BYTES:\n",
        "            if memory < 0:\n",
        (f"{_TEMPLATES}::test_memory_is_watched_where_the_system_sets_no_limit",),
    ),
    Bug(
        "a template may take any memory in its process",
        "core/chat/sandbox.py",
        "    limit_memory(MEMORY_BYTES)\n",
        "",
        (_TEMPLATE_CHILD,),
    ),
    Bug(
        "a template may make a text of any length",
        "core/chat/sandbox.py",
        " and len(text) > _CHARACTERS_EACH * _characters(messages):\n",
        " and len(text) < 0:\n",
        (_TEMPLATE_CHILD,),
    ),
    Bug(
        "a template may take any time",
        "core/chat/template.py",
        "            if spent - used > SECONDS or time.monotonic() - began > most_wait:\n",
        "            if time.monotonic() - began > most_wait:\n",
        (f"{_TEMPLATES}::test_a_loop_is_stopped_by_the_time_it_computes",),
    ),
    Bug(
        "every template is taken for a known one",
        "core/chat/template.py",
        "    return template_hash(template) in _known()\n",
        "    return bool(template_hash(template))\n",
        (f"{_TEMPLATES}::test_the_sample_and_the_plain_template_are_known",),
    ),
    Bug(
        "templates are rendered without the sandbox",
        "core/chat/sandbox.py",
        "    from jinja2.sandbox import ImmutableSandboxedEnvironment\n",
        "    from jinja2 import Environment as ImmutableSandboxedEnvironment\n",
        (f"{_TEMPLATES}::test_what_a_template_refuses_is_told",),
    ),
    Bug(
        "links out of a model's folder are followed",
        "core/models/inspection.py",
        "if path.is_symlink() and leads_out(path, home)]",
        "if path.is_symlink() and not home]",
        (_INSPECTION,),
    ),
    Bug(
        "nothing leads out of a folder",
        "core/storage/files.py",
        "    return not path.resolve().is_relative_to(folder.resolve())\n",
        "    return not path.absolute().is_relative_to(folder.absolute())\n",
        ("tests/core/storage/test_files.py",),
    ),
    Bug(
        "a name of a run may lead out of the project",
        "core/project.py",
        "return is_name(name) and is_ordinary_folder(self.runs_folder / name)",
        "return bool(name) and is_ordinary_folder(self.runs_folder / name)",
        ("tests/core/test_project.py",),
    ),
    Bug(
        "weights that are pickles are taken",
        "core/models/inspection.py",
        '    if ".safetensors" not in suffixes and suffixes & _PICKLES:\n',
        "    if not suffixes and suffixes & _PICKLES:\n",
        (_INSPECTION,),
    ),
    Bug(
        "a model may bring Python files",
        "core/models/config.py",
        'name.lower().endswith(".py")]',
        'name.lower().endswith(".pyw")]',
        (_INSPECTION,),
    ),
    Bug(
        "a config may name code",
        "core/models/config.py",
        '            if "auto_map" in entry:\n',
        '            if "auto_map" == entry:\n',
        (_INSPECTION, "tests/core/models/test_config.py"),
    ),
    Bug(
        "a config may have any size",
        "core/models/config.py",
        "        if len(raw) > limit:\n",
        "        if len(raw) < 0:\n",
        ("tests/core/models/test_config.py",),
    ),
)
