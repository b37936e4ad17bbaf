"""Projects in which answers were rated."""

from core.evaluation.rating.ratings import AnswerPair, Ratings


def rate_numbers(project, run, count):
    """Rate answers about numbers: the formal one of the fine-tune is better than the chatty one."""
    pairs = [
        AnswerPair(
            f"What comes after {n}?", f"Well, it is {n + 1}.", f"`{n}`: It is {n + 1}.",
            kind="general",
        )
        for n in range(3, 10 * count, 10)
    ]  # fmt: skip
    with Ratings(project.ratings_file) as ratings:
        session = ratings.session(run, pairs, most=count)
        while (question := session.next_question()) is not None:
            session.rate(question, "a" if question.answer_a.startswith("`") else "b")
