"""Bugs in the verdict, and in what an export claims."""

from tests.campaigns.planted_bugs.bug import Bug

_VERDICT = "tests/core/evaluation/rating/test_verdict.py"
_RATINGS = "tests/core/evaluation/rating/test_ratings.py"
_SESSION = "tests/core/evaluation/rating/test_rating_session.py"
_PROOF = "tests/core/export/test_proof.py::test_what_counts_as_the_same"
_COMPARES = "tests/core/export/test_proof.py::test_the_proof_compares_with_what_was_computed_before"

BUGS = (
    Bug(
        "the interval is too narrow",
        "core/evaluation/intervals.py",
        "Z95 = 1.959963984540054",
        "Z95 = 1.644853626951472",
        (_VERDICT,),
    ),
    Bug(
        "the test is one-sided",
        "core/evaluation/rating/verdict.py",
        "min(1.0, 2 * tail / (1 << decided))",
        "min(1.0, tail / (1 << decided))",
        (_VERDICT,),
    ),
    Bug(
        "ties count as wins",
        "core/evaluation/rating/verdict.py",
        "    p_value = sign_test(tuned_wins, base_wins)\n",
        "    p_value = sign_test(tuned_wins + ties, base_wins)\n",
        (_VERDICT,),
    ),
    Bug(
        "better and worse are confused",
        "core/evaluation/rating/verdict.py",
        "    if wins > losses:\n",
        "    if wins < losses:\n",
        (_VERDICT,),
    ),
    Bug(
        "the tuned model always stands on the same side",
        "core/evaluation/rating/ratings.py",
        'chance.choice("ab")',
        '"a"',
        (_RATINGS,),
    ),
    Bug(
        "questions come in the order of the file",
        "core/evaluation/rating/ratings.py",
        "order = chance.sample(range(len(pairs)), len(pairs))",
        "order = list(range(len(pairs)))",
        (_RATINGS,),
    ),
    Bug(
        "ratings of other answers are counted on",
        "core/evaluation/rating/ratings.py",
        "[[p.question, p.base, p.tuned, p.reference, p.kind] for p in pairs]",
        "[[p.question, p.reference, p.kind] for p in pairs]",
        (_RATINGS,),
    ),
    Bug(
        "the winner is the other one",
        "core/evaluation/rating/rating_session.py",
        "CASE WHEN r.choice = q.tuned_side THEN 'tuned'",
        "CASE WHEN r.choice <> q.tuned_side AND r.choice IN ('a', 'b') THEN 'tuned'",
        (_SESSION,),
    ),
    Bug(
        "an export's proof compares with itself",
        "core/export/proof.py",
        '    expected = load_file(folder.root / _EXPECTED)["logits"]\n',
        "    load_file(folder.root / _EXPECTED)\n    expected = logits\n",
        (_COMPARES,),
    ),
    Bug(
        "an export's proof allows anything",
        "core/export/proof.py",
        '_TOLERANCE = {"cpu": 0.0,',
        '_TOLERANCE = {"cpu": 1000.0,',
        (_PROOF,),
    ),
    Bug(
        "an export's proof does not look at the answer",
        "core/export/proof.py",
        "difference <= tolerance and same_answer and not",
        "difference <= tolerance and not",
        (_PROOF,),
    ),
    Bug(
        "a damaged adapter is exported",
        "core/training/result.py",
        "    for step, folder in StepFolders(run.best).newest_whole():\n",
        "    for step, folder in enumerate(sorted(run.best.iterdir(), reverse=True), 1):\n",
        ("tests/core/evaluation/test_job.py::test_a_damaged_best_adapter_is_passed_over",),
    ),
    Bug(
        "bases of different shape have the same fingerprint",
        "core/models/weights.py",
        "        digest.update(hashlib.sha256(file.raw_header).digest())\n",
        "",
        ("tests/core/models/test_weights.py",),
    ),
    Bug(
        "a changed bit does not change the hash of weights",
        "core/storage/files.py",
        "        while chunk := stream.read(_CHUNK):\n            digest.update(chunk)\n",
        "        digest.update(stream.read(8))\n",
        ("tests/core/storage/test_files.py", "tests/core/storage/test_transaction.py"),
    ),
    Bug(
        "perplexity is over rows, not tokens",
        "core/evaluation/measuring/losses.py",
        "batch.by_example(np.ones_like(losses))",
        "np.ones(len(batch.places))",
        ("tests/core/evaluation/test_job.py::test_the_loss_is_a_mean_over_tokens",),
    ),
    Bug(
        "an untrained adapter is exported",
        "core/training/result.py",
        "        if step or _begins_with_an_adapter(run):\n",
        "        if step >= 0:\n",
        ("tests/core/training/test_result.py",),
    ),
    Bug(
        "patience is over before a step was done",
        "core/training/validation.py",
        "    if step - run.position.best_step < _LEAST_STEPS_OF_PATIENCE:\n",
        "    if step < 0:\n",
        ("tests/core/training/test_validation.py",),
    ),
    Bug(
        "a tensor that is missing is filled with random numbers",
        "core/models/tensors.py",
        "    missing = [name for name in expected if name not in stored]\n",
        "    missing: list[str] = []\n",
        ("tests/core/models/test_tensors.py",),
    ),
    Bug(
        "an adapter works on any base of the same shape",
        "core/models/contents.py",
        "    if expected and contents_of(facts) != expected:\n",
        "    if not expected:\n        return\n    if not contents_of(facts):\n",
        ("tests/core/models/test_contents.py",),
    ),
)
