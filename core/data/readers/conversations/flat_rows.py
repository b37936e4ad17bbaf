"""Rows of other programs as the flat rows that are read everywhere: labelled, logged, voted for."""

from __future__ import annotations

import re
from typing import Any

from core.data.readers.conversations.program_rows import of_program
from core.data.readers.conversations.turn_forms import canonical, is_turn
from core.data.readers.conversations.turns import is_turns
from core.data.readers.documents.snippets import plain
from core.storage.files import JsonObject

_PAIRS = (
    ("inputs", "outputs"), ("input", "output"), ("request", "response"),
    ("modelInput", "modelOutput"), ("input", "expected_output"), ("input", "expectedOutput"),
    ("inputs", "reference_outputs"), ("inputBodyJson", "outputBodyJson"),
)  # fmt: skip
"""What a model was given and gave, in the words of programs that log it."""
_TURNS = ("messages", "input", "chat_history", "contents")
_ANSWERS = ("message", "output", "answer", "response", "content", "text", "generations", "choices",
            "candidates")  # fmt: skip
_SYSTEMS = ("system", "instructions", "systemInstruction", "system_instruction")
PROMPTED = re.compile(r"(?:Prompted|Fragte|Eingegebener Prompt:|Asked)\s+", re.I)
_DEEPEST = 5


def flat_row(value: Any) -> Any:
    """Return a row of a known program as a flat one; any other row as it is."""
    if not isinstance(value, dict):
        return value
    return labelled(value) or _logged(value) or of_program(value) or _asked(value) or value


def labelled(value: Any) -> JsonObject | None:
    """Return a task of Label Studio or a record of Argilla as one flat row, ``None`` for others."""
    if not isinstance(value, dict):
        return None
    data, annotations = value.get("data"), value.get("annotations")
    if isinstance(data, dict) and isinstance(annotations, list):
        return _of_label_studio(data, annotations)
    fields, responses = value.get("fields"), value.get("responses")
    if isinstance(fields, dict) and isinstance(responses, dict):
        return {**fields, **_of_argilla(responses)}
    if isinstance(fields, dict) and isinstance(responses, list):
        return {**fields, **_of_argilla_1(responses)}
    return None


def _of_label_studio(data: JsonObject, annotations: list[Any]) -> JsonObject:
    """The first annotation that was not cancelled; a written text is the answer, a choice a label.

    What was marked in the text, drawn or rated has no column.
    """
    for annotation in annotations:
        results = annotation.get("result") if isinstance(annotation, dict) else None
        if not isinstance(results, list) or annotation.get("was_cancelled"):
            continue
        said: JsonObject = {}
        for result in results:
            found = result.get("value") if isinstance(result, dict) else None
            for kind, name in (("text", "answer"), ("choices", "label")):
                texts = found.get(kind) if isinstance(found, dict) else None
                if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
                    said.setdefault(name, (", " if name == "label" else "\n").join(texts))
        if said:
            return {**data, **said}
    return data


def _of_argilla(responses: JsonObject) -> JsonObject:
    """The first response to each question."""
    said: JsonObject = {}
    for name, answers in responses.items():
        first = answers[0] if isinstance(answers, list) and answers else None
        if isinstance(first, dict) and "value" in first:
            said[name] = first["value"]
    return said


def _of_argilla_1(answers: list[Any]) -> JsonObject:
    """The first response that was submitted, in the older form."""
    for answer in answers:
        values = answer.get("values") if isinstance(answer, dict) else None
        if isinstance(values, dict) and answer.get("status") in ("submitted", None):
            return {
                n: v["value"] for n, v in values.items() if isinstance(v, dict) and "value" in v
            }
    return {}


def _logged(value: JsonObject) -> JsonObject | None:
    """A call of a model as LangSmith, Bedrock, OpenAI or others keep it: turns, and what came."""
    if value.get("schemaType") == "ModelInvocationLog":
        about, gave = value.get("input"), value.get("output")
        value = {**about, **gave} if isinstance(about, dict) and isinstance(gave, dict) else {}
    for asked, gave in _PAIRS:
        given = value.get(asked)
        if not isinstance(given, dict | list) or gave not in value:
            continue
        turns, answer = _turns_in(given), _answer_in(value[gave])
        if turns and answer is not None:
            about = given if isinstance(given, dict) else {}
            told = next((about[name] for name in _SYSTEMS if about.get(name)), None)
            system = [{"role": "system", "content": told}] if told else []
            row: JsonObject = {"messages": [*system, *turns, answer]}
            return {**row, "tools": about["tools"]} if about.get("tools") else row
    return None


def _turns_in(given: Any) -> list[Any]:
    parts = [given] if isinstance(given, list) else [given.get(name) for name in _TURNS]
    for part in parts:
        if isinstance(part, list) and len(part) == 1 and isinstance(part[0], list):
            part = part[0]  # noqa: PLW2901 - a batch of one
        if isinstance(part, list) and part and (is_turns(part) or all(map(canonical, part))):
            return part
    return []


def _answer_in(gave: Any, depth: int = 0) -> JsonObject | None:
    """Return the turn that a model gave, however deep it lies."""
    if isinstance(gave, list):
        gave = _joined(gave)
    if isinstance(gave, str):
        return {"role": "assistant", "content": gave} if gave else None
    if not isinstance(gave, dict) or depth >= _DEEPEST:
        return None
    if is_turn(gave) and ("content" in gave or "tool_calls" in gave or "parts" in gave):
        return gave
    if turn := canonical(gave):
        return turn
    found = (_answer_in(gave[name], depth + 1) for name in _ANSWERS if name in gave)
    return next((answer for answer in found if answer is not None), None)


def _joined(parts: list[Any]) -> Any:
    """Return the parts of an answer as one text, else the first of several answers."""
    said = [part for part in parts if isinstance(part, dict) and part.get("type") == "message"]
    if said:
        return said[-1]  # beside what was thought and called
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    if texts and len(texts) == len(parts) and all(isinstance(text, str) for text in texts):
        return "".join(map(str, texts))
    while isinstance(parts, list) and parts:
        parts = parts[0]
    return parts


def _asked(value: JsonObject) -> JsonObject | None:
    """A question with the answers of several people, or to Gemini, or an older chat of Vertex."""
    if value.get("header") == "Gemini Apps" and isinstance(value.get("title"), str):  # not shown
        items = _objects(value.get("safeHtmlItem"))
        html = items[0].get("html") if items else None
        question = PROMPTED.sub("", value["title"], count=1)
        return {"question": question, "answer": plain(html)} if isinstance(html, str) else None
    answers = _objects(value.get("answers"))
    if isinstance(value.get("title"), str) and answers and "body" in answers[0]:
        best = max(answers, key=_votes)
        question = f"{plain(value['title'])}\n\n{plain(value.get('body', ''))}".strip()
        return {"question": question, "answer": plain(best["body"])}
    turns = _objects(value.get("messages"))
    if isinstance(value.get("context"), str) and turns and "author" in turns[0]:
        return {"system": value["context"], "messages": turns}
    return None


def _objects(value: Any) -> list[JsonObject]:
    """Return a list of objects; nothing where it is anything else."""
    is_list = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    return value if is_list else []


def _votes(answer: JsonObject) -> tuple[bool, float]:
    score = answer.get("score", answer.get("pm_score", 0))
    accepted = answer.get("is_accepted", answer.get("selected"))
    return bool(accepted), float(score) if isinstance(score, int | float) else 0.0
