"""The report as one page of HTML: printable, without scripts, nothing loaded from elsewhere.

Every text that comes from data or from a model is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from core.config.training import load_config
from core.evaluation.paired import rouge_l
from core.evaluation.report.curves import loss_curves
from core.evaluation.stored import Answers, Evaluation, read_evaluation
from core.evaluation.summary import sentence
from core.evaluation.wording import groups_of, measured, notes_of
from core.events import TrainStep, Validation
from core.jobs.supervisor import read_events
from core.language import _, current, right_to_left
from core.project import Project, RunFolder
from core.storage.files import write_text
from core.storage.ordinary import is_ordinary_file
from core.training.result import read_trained

REPORT_FILE = "report.html"
_SHOWN = 5  # examples won, and as many lost
_LONGEST = 1200  # characters of a text
_STYLE = (  # not shown: CSS
    "body{font:15px/1.5 sans-serif;max-width:54em;margin:2em auto;padding:0 1em;color:#1a1a1a}"
    "table{border-collapse:collapse;margin:.5em 0}td,th{border:1px solid #767676;"
    "padding:.2em .6em;text-align:start;vertical-align:top}.s{font-size:1.3em;font-weight:600}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font:inherit}svg{max-width:100%}"
    "figure{margin:1em 0}section{break-inside:avoid}"
)


def write_report(project: Project, run: RunFolder, path: Path) -> None:
    """Write the report of an evaluated run.

    Raises:
        UserFacingError: the run was not compared yet, or the disk refuses.
    """
    write_text(path, report_page(project, run))


def report_page(project: Project, run: RunFolder) -> str:
    """Return the report as a page of HTML in the present language.

    Raises:
        UserFacingError: the run was not compared yet.
    """
    evaluation = read_evaluation(run)
    title = _("Report on “{run}” of “{project}”", run=run.name, project=project.name)
    won, lost = _won_and_lost(evaluation)
    body = [
        f'<p class="s">{escape(sentence(evaluation))}</p>',  # not shown: HTML
        _paragraph(measured(evaluation)),
        _section(_("Scores"), _scores(evaluation)),
        _section(_("Training"), _curves(run)),
        _section(_("Won: closer to the expected answer than the base"), _examples(won)),
        _section(_("Lost: further from the expected answer than the base"), _examples(lost)),
        _section(_("Settings and data"), _settings(run)),
    ]
    language, direction = current().replace("_", "-"), "rtl" if right_to_left() else "ltr"
    return (  # not shown: HTML
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{chr(10).join(body)}\n</body></html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first = "".join(f"<th>{escape(text)}</th>" for text in head)
    others = "".join(
        "<tr>" + "".join(f"<td><pre>{escape(text)}</pre></td>" for text in row) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{first}</tr>{others}</table>"


def _scores(evaluation: Evaluation) -> str:
    found = []
    for heading, lines in groups_of(evaluation):
        other = next((line.against for line in lines if line.against), _("Base"))
        head = (_("Measure"), other, _("Yours"), _("Change (95% interval)"), _("Result"))
        found.append(f"<h3>{escape(heading)}</h3>" if heading else "")
        rows = [(one.name, one.before, one.after, one.change, one.said) for one in lines]
        found.append(_table(head, rows))
    return "".join(found) + "".join(map(_paragraph, notes_of(evaluation)))


def _curves(run: RunFolder) -> str:
    if not is_ordinary_file(run.events_file):
        return ""
    events = read_events(run)
    practice = [(e.step, e.loss) for e in events if isinstance(e, TrainStep)]
    unseen = [(e.step, e.loss) for e in events if isinstance(e, Validation)]
    return loss_curves(practice, unseen)


def _won_and_lost(evaluation: Evaluation) -> tuple[list[Answers], list[Answers]]:
    """The examples with the largest gain and loss in ROUGE-L."""
    gains = [
        (rouge_l(one.tuned, one.reference) - rouge_l(one.base, one.reference), n)
        for n, one in enumerate(evaluation.held_out)
    ]
    gains.sort(reverse=True)
    won = [evaluation.held_out[n] for gain, n in gains[:_SHOWN] if gain > 0]
    lost = [evaluation.held_out[n] for gain, n in reversed(gains[-_SHOWN:]) if gain < 0]
    return won, lost


def _examples(answers: list[Answers]) -> str:
    if not answers:
        return _paragraph(_("None."))
    head = (_("Question"), _("Expected answer"), _("Base"), _("Yours"))
    rows = [(one.question, one.reference, one.base, one.tuned) for one in answers]
    return _table(head, [[text[:_LONGEST] for text in row] for row in rows])


def _settings(run: RunFolder) -> str:
    facts = read_trained(run)
    rows: list[tuple[str, str]] = [
        (_("Base model"), Path(facts.base_model).name),
        (_("Hash of the base model"), facts.base_contents),
        (_("Hash of the examples"), facts.dataset_version),
    ]
    config = load_config(run.config_file).model_dump(mode="json")
    rows += [(name, str(value)) for name, value in config.items()]
    return _table((_("Setting"), _("Value")), rows)
