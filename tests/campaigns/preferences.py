"""Does a fine-tune learn from ratings? Simulated ratings by a known taste, a run, fresh questions.

``python -m tests.campaigns.preferences PROJECT --folder DIR`` takes a trained project (that of
``make run``), lets its fine-tune answer 100 questions twice, and rates each pair by a fixed rule in
the project's own ratings. The fine-tune learns from them as ``homelab-tuner prefer`` does it. Then
both answer questions that were not rated, and the same rule says which answer is better: the share
that the new one wins is printed with its interval (Wilson). ``--flipped`` adds a run whose ratings
were thrown with a coin; it must not win. What was written is kept in the folder and used again.

All questions are functions of Python's standard library that are no examples of the project, nor
near copies of one: neither model has learned from those that it is judged by. ``--marks`` gives one
answer to each question a thumb in the chat instead (better than most by the rule, or not), which is
learned by KTO.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.actions.preferences import learn_from_ratings, prepare_lesson
from core.commands.options import parse_values
from core.commands.terminal import run_job
from core.conversations import store
from core.conversations.conversation import Answer, Conversation, Exchange, Thumb
from core.data.example import Example, Message, Part, Source
from core.data.findings.near.texts import are_near, near_groups
from core.evaluation.intervals import wilson_interval
from core.evaluation.rating.ratings import AnswerPair, Ratings
from core.jobs.supervisor import read_events
from core.project import Project
from core.storage.files import read_json, write_json
from resources.sample.make_examples import INSTRUCTION, functions, is_usable, modules

Rule = Callable[[str, str], float]
_MOST_TOKENS = 96
_LONGEST = 450  # characters of a question
_ALIKE = 0.5  # similarity from which questions are the same function in other words
_ROWS = 16


def shorter(answer: str, _reference: str) -> float:
    return -float(len(answer))


def nearer(answer: str, reference: str) -> float:
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF().sentence_score(answer, [reference]).score)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


RULES: dict[str, Rule] = {"shorter": shorter, "nearer": nearer}


@dataclass(frozen=True)
class Outcome:
    """What one run gave: losses of the held-out ratings, and wins against its start."""

    before: float
    after: float
    steps: int
    seconds: float
    wins: int
    losses: int
    ties: int

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.wins, self.wins + self.losses)

    def line(self) -> str:
        low, high = self.interval
        decided = self.wins + self.losses
        share = self.wins / decided if decided else 0.5
        return (
            f"loss of held-out ratings {self.before:.3f} -> {self.after:.3f} "
            f"({self.steps} steps, {self.seconds:.0f} s); won {self.wins} of {decided} "
            f"({share:.0%}, {low:.0%} to {high:.0%}), {self.ties} ties"
        )


def answers_of(
    project: Project, run: str, questions: Sequence[Example], drawn: int = 0
) -> list[list[str]]:
    """Return the answers to each question: ``drawn`` at random, or one greedy; ``""`` if cut."""
    import torch

    from core.chat.tokens import render_prompt
    from core.evaluation.tuned import load_tuned
    from core.generation.answers import generate_answers, stop_tokens

    tuned = load_tuned(project, project.run(run))
    prompts = [render_prompt(tuned.tokenizer, one.messages[:-1]) for one in questions]
    with torch.no_grad():
        if not drawn:
            found = generate_answers(
                tuned.model, tuned.tokenizer, prompts, max_new_tokens=_MOST_TOKENS
            )
            return [["" if one.cut else one.text] for one in found]
        ids = [list(tuned.tokenizer(p, add_special_tokens=False)["input_ids"]) for p in prompts]
        stops = set(stop_tokens(tuned.model, tuned.tokenizer))
        written = draw_all(tuned.model, [some for some in ids for _ in range(drawn)], stops)
        texts = [
            tuned.tokenizer.decode(some, skip_special_tokens=True).strip()
            if some[-1] in stops
            else ""
            for some in written
        ]
    return [texts[first : first + drawn] for first in range(0, len(texts), drawn)]


def draw_all(model: Any, prompts: Sequence[list[int]], stops: set[int]) -> list[list[int]]:
    """Return one answer's tokens for each prompt, drawn at temperature 1."""
    from core.generation.choice import borrowed
    from core.generation.sampling import Draw, next_tokens

    dice = [random.Random(place) for place in range(len(prompts))]
    answers: list[list[int]] = [[] for _ in prompts]

    def take(places: list[int], logits: Any) -> None:
        draws = [Draw(1.0, 0.95, dice[place].random()) for place in places]
        for place, token in zip(places, next_tokens(logits, draws), strict=True):
            answers[place].append(token)

    with borrowed(model, min(_ROWS, len(prompts)), max(map(len, prompts)) + _MOST_TOKENS) as rows:
        waiting = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        writing: dict[int, int] = {}
        while waiting or writing:
            for row in range(rows.slots):
                if waiting and row not in writing:
                    writing[row] = waiting.pop()
                    rows.keep(row, 0)
                    take([writing[row]], rows.read(row, prompts[writing[row]], 0)[None])
            for row, place in list(writing.items()):
                if len(answers[place]) >= _MOST_TOKENS or answers[place][-1] in stops:
                    del writing[row]
            if writing:
                last = {row: answers[place][-1] for row, place in sorted(writing.items())}
                take([writing[row] for row in last], rows.step(last, {}))
    return answers


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """Return what the file holds, made and written if it is missing."""
    if not path.exists():
        write_json(path, make())
    return read_json(path)


def parted(
    project: Project, run: str, rated: int, fresh: int, longest: int = _LONGEST
) -> tuple[list[Example], list[Example]]:
    """Return the questions to rate and those to judge by; neither run has learned from the latter.

    All are functions of Python's standard library, asked about as in the sample, and none of them
    is an example of the project, or a near copy of one or of each other.
    """
    from core.data.dataset import DatasetVersion
    from core.jobs.spec import training_params

    name = training_params(project.run(run)).dataset_version
    version = DatasetVersion.load(project.version_folder(name))
    parts: tuple[Part, ...] = ("train", "validation", "test")
    known = [example.question for part in parts for example in version.examples(part)]
    asked = [one for one in library_questions() if len(one.question) <= longest]
    is_known = are_near([one.question for one in asked], known, _ALIKE)
    asked = [one for one, near in zip(asked, is_known, strict=True) if not near]
    groups = near_groups([one.question for one in asked], _ALIKE)
    asked = [one for place, one in enumerate(asked) if groups[place] == place]
    return asked[:rated], asked[rated:][:fresh]


def library_questions() -> list[Example]:
    """Return all functions that the sample could have been made of, in a fixed random order."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found = [one for path in modules(root) for one in functions(path, root) if is_usable(one)]
    return [
        Example(
            (Message("user", f"{INSTRUCTION}\n\n{one.source}"),
             Message("assistant", one.row()["output"])),
            Source(one.module, 1),
        )
        for one in sorted(found, key=lambda one: one.place)
    ]  # fmt: skip


def rate(
    project: Project,
    run: str,
    asked: Sequence[Example],
    answers: Sequence[Sequence[str]],
    rule: Rule,
) -> int:
    """Rate two answers to each question by the rule; return how many are no tie."""
    pairs = [
        AnswerPair(one.question, base=two[0], tuned=two[1], reference=one.answer, kind="general")
        for one, two in zip(asked, answers, strict=True)
        if all(two) and two[0] != two[1]
    ]
    decided = 0
    with Ratings(project.ratings_file) as ratings:
        session = ratings.session(run, pairs, seed=1, most=len(pairs))
        while (question := session.next_question()) is not None:
            a, b = (
                rule(text, question.reference) for text in (question.answer_a, question.answer_b)
            )
            session.rate(question, "tie" if a == b else "a" if a > b else "b")
            decided += a != b
    return decided


def mark(
    project: Project,
    run: str,
    asked: Sequence[Example],
    answers: Sequence[Sequence[str]],
    rule: Rule,
) -> int:
    """Give the first answer to each question a thumb in the chat; return how many got one."""
    whole = [(one, two[0]) for one, two in zip(asked, answers, strict=True) if two[0]]
    values = [rule(text, one.answer) for one, text in whole]
    middle = statistics.median(values)
    for place, ((one, text), value) in enumerate(zip(whole, values, strict=True)):
        thumb: Thumb = "up" if value > middle else "down"
        answer = Answer(model=run, text=text, thumb=thumb)
        exchange = Exchange(question=one.messages[-2].content, answers=(answer,))
        store.save(project.chats, f"{place:032x}", Conversation(exchanges=(exchange,)))
    return len(whole)


def learned(
    project: Project, run: str, values: dict[str, str], beta: float | None
) -> tuple[str, float, float, int, float]:
    """Learn from the ratings; return run, losses before and after, steps, seconds."""
    lesson = prepare_lesson(project, run, {"sample_answers": False, **values})
    facts = learn_from_ratings(project, lesson, run_job=run_job, beta=beta)
    newest = max((one.name for one in project.runs("train")), default="")
    checks = [event for event in read_events(project.run(newest)) if event.kind == "validation"]
    after = min(check.loss for check in checks)
    name = newest if facts.learned else run  # one that gained nothing is its start
    return name, facts.base_loss, after, facts.steps, facts.seconds


def compared(
    fresh: Sequence[Example], before: Sequence[str], after: Sequence[str], rule: Rule
) -> tuple[int, int, int]:
    """Return wins, losses and ties of ``after``; of an answer that was cut nothing is said."""
    wins = losses = ties = 0
    for one, old, new in zip(fresh, before, after, strict=True):
        if not old or not new:
            continue
        gain = rule(new, one.answer) - rule(old, one.answer)
        wins, losses, ties = wins + (gain > 0), losses + (gain < 0), ties + (gain == 0)
    return wins, losses, ties


def run_campaign(
    source: Path, folder: Path, *, rule: str, rated: int, fresh: int, flipped: bool,
    values: dict[str, str], beta: float | None = None, marks: bool = False,
    longest: int = _LONGEST,
) -> Outcome:  # fmt: skip
    """Rate, learn and compare in a copy of the project."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{rule}{'-flipped' if flipped else ''}{'-marks' if marks else ''}-{rated}"
    root = folder / name
    if root.exists():
        shutil.rmtree(root)
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("export-*", "exports"))
    project = Project.open(root)
    start = max(one.name for one in project.runs("train"))
    asked, others = parted(project, start, rated, fresh, longest)
    if len(others) < fresh:
        say(f"only {len(others)} questions from which neither has learned, of {fresh} wanted")
    drawn = kept(folder / f"drawn-{rated}.json", lambda: answers_of(project, start, asked, 2))
    coin = random.Random(7)
    judge: Rule = (lambda _a, _r: coin.random()) if flipped else RULES[rule]
    count = (mark if marks else rate)(project, start, asked, drawn, judge)
    say(f"{count} {'marks' if marks else 'ratings'} by the rule “{name}”")
    new, base, after, steps, seconds = learned(project, start, values, beta)
    greedy = kept(
        folder / f"start-{rated}-{fresh}.json", lambda: answers_of(project, start, others)
    )
    own = greedy if new == start else answers_of(project, new, others)
    write_json(folder / f"answers-{name}.json", own)
    counts = compared(others, [one[0] for one in greedy], [one[0] for one in own], RULES[rule])
    return Outcome(base, after, steps, seconds, *counts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rule", choices=tuple(RULES), default="shorter")
    parser.add_argument("--rated", type=int, default=110)
    parser.add_argument("--fresh", type=int, default=120)
    parser.add_argument("--longest", type=int, default=_LONGEST, help="characters of a question")
    parser.add_argument("--flipped", action="store_true")
    parser.add_argument("--marks", action="store_true", help="single marks instead of pairs")
    parser.add_argument("--beta", type=float)
    parser.add_argument("--set", action="append", default=[], dest="values")
    options = parser.parse_args()
    found = run_campaign(
        options.project, options.folder, rule=options.rule, rated=options.rated,
        fresh=options.fresh, flipped=options.flipped, values=parse_values(options.values),
        beta=options.beta, marks=options.marks, longest=options.longest,
    )  # fmt: skip
    say(found.line())
    low, _high = found.interval
    good = low <= 0.5 if options.flipped else low > 0.5
    say("as it should be" if good else "NOT as it should be")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
