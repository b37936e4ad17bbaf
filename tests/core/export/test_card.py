from dataclasses import replace

from core.evaluation.tuned import load_tuned
from core.export.card import Card, card_of, readme

FACTS = {
    "name": "Docs",
    "base": {
        "name": "B",
        "architecture": "A",
        "licence": "apache-2.0",
        "fingerprint": "f",
        "contents": "c",
    },
    "data": {"content_hash": "h", "counts": {"train": 8, "test": 2}},
    "training": {"steps": 5, "total_steps": 9, "best_step": 4, "seconds": 90, "device": "cpu"},
    "scores": None,
    "cost": None,
}
SCORES = {
    "part": "validation",
    "examples": 2,
    "base": {"perplexity": 30.0, "format_share": 0.0},
    "tuned": {"perplexity": 8.0, "format_share": 0.9},
}


def test_nothing_is_claimed_that_was_not_measured():
    text = readme(Card.model_validate(FACTS), "none")
    assert "BitsAndBytesConfig(" not in text
    assert "perplexity" not in text
    assert "kWh" not in text
    assert "5 of 9, best at 4" in text


def test_scores_and_cost_are_shown_when_known():
    cost = {"energy_kwh": 4.76, "money": 0.62, "currency": "$", "covers": "graphics card only"}
    text = readme(Card.model_validate({**FACTS, "scores": SCORES, "cost": cost}), "nf4")
    assert "quantization_config=BitsAndBytesConfig(" in text
    assert "30.00 before, 8.00 after" in text
    assert "0% before, 90% after" in text
    assert "2 unseen examples that were also used to choose the best step" in text
    assert "4.760 kWh, $0.62" in text


def test_what_was_learned_from_ratings_is_said_but_not_which_questions(walked):
    run = walked.project.run("train-001")
    tuned = load_tuned(walked.project, run)
    facts = tuned.facts.model_copy(update={"preferences": True, "judged_questions": ("abc",)})
    card = card_of(replace(tuned, facts=facts))
    assert not card.training.judged_questions
    assert "learned from | ratings" in readme(card, "none")
