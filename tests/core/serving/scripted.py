"""A generator that answers by script: run as ``python -m tests.core.serving.scripted …``.

The last message decides: ``words 5``, ``think``, ``refuse``, ``print``, ``die 9``; else an echo.
"""

import os
import sys
import threading
import time

from core.generation.spec import BASE, Ask, Done, Hearer, Piece, Refused
from core.serving import child


def command(project, base, *runs, delay=0.0, behaviour=""):
    """Return the command of a child that answers by script."""
    options = [f"--delay={delay}", f"--behaviour={behaviour}"]
    begin = [sys.executable, "-m", "tests.core.serving.scripted", *options]
    return [*begin, str(project), str(base), *runs]


class _Answer:
    def __init__(self, ask: Ask, hear: Hearer) -> None:
        self.ask, self.hear = ask, hear
        self.began, self.cancelled = time.monotonic(), False
        self.first: float | None = None
        self.given = 0
        self.words = script(ask)

    def done(self, reason: str) -> None:
        self.hear(
            Done(
                id=self.ask.id,
                reason=reason,
                prompt_tokens=sum(len(turn.content.split()) for turn in self.ask.messages),
                tokens=self.given,
                first_token_seconds=self.first,
                seconds=time.monotonic() - self.began,
            )
        )


def script(ask: Ask) -> list[str]:
    """Return the pieces of the answer to a request."""
    text = ask.messages[-1].content
    if text.startswith("words "):
        return [f"w{n} " for n in range(int(text.split()[1]))]
    words = text.split() if text else []
    return [word if n == 0 else f" {word}" for n, word in enumerate(words)]


class ScriptedGenerator:
    """Gives each of at most ``slots`` answers one word in each round of ``delay`` seconds."""

    def __init__(self, runs=(), delay=0.0, slots=4, context=2048):
        self.models, self.context, self.slots = (BASE, *runs), context, slots
        self._delay = delay
        self._waiting: list[_Answer] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="scripted")
        self._thread.start()

    def ask(self, ask, hear):
        with self._changed:
            self._waiting.append(_Answer(ask, hear))
            self._changed.notify()

    def cancel(self, id):
        with self._changed:
            for answer in self._waiting:
                if answer.ask.id == id:
                    answer.cancelled = True

    def close(self):
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self):
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    for answer in self._waiting:
                        answer.done("cancelled")
                    return
                present = self._waiting[: self.slots]
            if self._delay:
                time.sleep(self._delay)
            ended = [answer for answer in present if self._step(answer)]
            with self._changed:
                self._waiting = [answer for answer in self._waiting if answer not in ended]

    def _step(self, answer):
        ask = answer.ask
        last = ask.messages[-1].content
        if answer.cancelled:
            answer.done("cancelled")
            return True
        if last == "refuse":
            answer.hear(Refused(id=ask.id, code="generation.prompt_too_long", what="W.", todo="T."))
            return True
        if last == "print":
            sys.stdout.write("noise of a library\n")
            sys.stdout.flush()
            os.write(1, b"noise of a C library\n")
        if last.startswith("die "):
            os.kill(os.getpid(), int(last.split()[1]))
        if last == "think" and not answer.given:
            answer.hear(Piece(id=ask.id, text="hmm", thinking=True))
        if answer.given >= len(answer.words):
            answer.done("stop")
            return True
        if ask.max_tokens and answer.given >= ask.max_tokens:
            answer.done("length")
            return True
        word = answer.words[answer.given]
        if word.strip() in ask.stop:
            answer.done("stop")
            return True
        if answer.first is None:
            answer.first = time.monotonic() - answer.began
        answer.given += 1
        answer.hear(Piece(id=ask.id, text=word))
        return False


def main(arguments):
    """Start the child as ``core.serving.child`` does, with a generator by script."""
    options = dict(a[2:].split("=") for a in arguments if a.startswith("--"))
    behaviour = options.get("behaviour", "")

    def load(_project, runs, _base):
        if behaviour == "no_memory":
            raise MemoryError("a trial of memory")
        if behaviour == "hang":
            time.sleep(600)
        return ScriptedGenerator(runs, float(options.get("delay", 0)))

    return child.main([a for a in arguments if not a.startswith("--")], load)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
