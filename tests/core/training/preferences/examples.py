"""Judgements with a fixed taste: the formal answer is preferred to the chatty one."""

import random

from core.training.preferences.judgement import Judgement, Reply, Turn


def judgements(count, kinds=("pair",), seed=0, held_out=False):
    dice = random.Random(seed)
    made = []
    for place in range(count):
        number, kind = dice.randrange(1000), kinds[place % len(kinds)]
        formal = Reply(text=f"`{number}`: The next number is {number + 1}.")
        chatty = Reply(text=f"Well, it is {number + 1}, I think.")
        made.append(
            Judgement(
                turns=(Turn(role="user", content=f"What comes after {number}, no. {place}?"),),
                kind=kind,
                answer=chatty if kind == "bad" else formal,
                other=chatty if kind == "pair" else None,
                held_out=held_out,
            )
        )
    return made
