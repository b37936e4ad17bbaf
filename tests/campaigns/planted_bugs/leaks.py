"""Bugs that let the test into the training, or teach what was not to be learned."""

from tests.campaigns.planted_bugs.bug import Bug

_PREPARATION = "tests/core/data/test_preparation.py"
_KINSHIP = "tests/core/data/test_deduplication.py"
_MIXTURE = "tests/core/data/test_mixture.py"
_PACKING = "tests/core/chat/test_packing.py"
_LOSS = "tests/core/training/test_loss.py"
_EVALUATION = "tests/core/evaluation/test_job.py"

BUGS = (
    Bug(
        "near copies cross the split",
        "core/data/deduplication.py",
        "        labels = np.array(self._draft.groups.near)\n",
        "        labels = np.arange(len(self._draft))\n",
        (_PREPARATION, _KINSHIP),
    ),
    Bug(
        "the same question crosses the split",
        "core/data/deduplication.py",
        "        _unite_questions(labels, self.question, kept)\n",
        "",
        (_PREPARATION, _KINSHIP),
    ),
    Bug(
        "copies that a repair made cross the split",
        "core/data/deduplication.py",
        "            self._regroup_stale(kept, labels, progress)\n",
        "            pass\n",
        (f"{_PREPARATION}::test_near_copies_that_only_a_repair_shows_do_not_cross",),
    ),
    Bug(
        "copies that a repair made are learned twice",
        "core/data/deduplication.py",
        "return np.intersect1d(order[same], self._stale) if len(self._stale) else order[:0]",
        "return order[:0]",
        (_PREPARATION, _KINSHIP),
    ),
    Bug(
        "groups are torn apart",
        "core/data/splitting.py",
        "    parts[:] = code[order.index]\n",
        "    parts[:] = np.roll(code[order.index], 1)\n",
        ("tests/core/data/test_splitting.py",),
    ),
    Bug(
        "test questions of earlier versions are trained on",
        "core/data/preparation.py",
        "        frozen = frozen_rows(identities, frozen_keys(self._versions))\n",
        "        frozen = frozen_rows(identities, frozenset())\n",
        (_PREPARATION,),
    ),
    Bug(
        "near copies of earlier test questions are trained on",
        "core/data/preparation.py",
        "        frozen |= np.isin(relations.kept, relations.external[: len(earlier_test)])\n",
        "",
        (_PREPARATION, "tests/campaigns/test_version_leaks.py"),
    ),
    Bug(
        "a version does not say what it tested",
        "core/data/preparation.py",
        "prepared.identities[prepared.parts == TEST]",
        "prepared.identities[prepared.parts == 9]",
        (_PREPARATION,),
    ),
    Bug(
        "frozen groups go into the training",
        "core/data/splitting.py",
        "            code[fixed] = TEST if has_test else VALIDATION\n",
        "            pass\n",
        ("tests/core/data/test_splitting.py",),
    ),
    Bug(
        "general examples that resemble the test are added",
        "core/data/preparation.py",
        "known = np.isin(labels, np.concatenate([relations.kept, relations.external[:tested]]))",
        "known = np.zeros(len(labels), dtype=np.bool_)",
        (_PREPARATION, _MIXTURE),
    ),
    Bug(
        "test examples are rehearsed",
        "core/data/mixture.py",
        '    return part_of(line) == "train" and f',
        "    return f",
        (_MIXTURE,),
    ),
    Bug(
        "a part holds the others too",
        "core/data/dataset.py",
        "            if wanted is None or line.rstrip().endswith(wanted):\n",
        "            if wanted is None or wanted[:8] in line:\n",
        ("tests/core/data/test_dataset.py",),
    ),
    Bug(
        "positions go on through the neighbour",
        "core/chat/packing.py",
        "np.concatenate([np.arange(n, dtype=np.int64) for n in lengths])[None]",
        "np.arange(sum(lengths), dtype=np.int64)[None]",
        (_PACKING,),
    ),
    Bug(
        "attention goes through the neighbour",
        "core/chat/packing.py",
        "cu_seqlens=starts.astype(np.int32),",
        "cu_seqlens=starts[[0, -1]].astype(np.int32),",
        (_LOSS, _PACKING),
    ),
    Bug(
        "a first token is predicted from the neighbour",
        "core/chat/packing.py",
        "    labels[starts[:-1]] = IGNORED\n",
        "",
        (_PACKING,),
    ),
    Bug(
        "the prompt is learned",
        "core/chat/tokens.py",
        "        token if any(start < end and stop > begin for begin, end in spans) else IGNORED\n",
        "        token if spans and (start, stop) else IGNORED\n",
        ("tests/core/chat/test_tokens.py",),
    ),
    Bug(
        "masked tokens reach the loss",
        "core/training/loss.py",
        "    learned = targets != IGNORED\n",
        "    targets = torch.from_numpy(batch.ids[0, 1:]).to(device)\n    learned = targets >= 0\n",
        (_LOSS,),
    ),
    Bug(
        "the base answers with the adapter on",
        "core/evaluation/measuring/sides.py",
        'with model.disable_adapter() if self.name == "base" else nullcontext(), evaluating',
        "with nullcontext(), evaluating",
        (f"{_EVALUATION}::test_the_base_is_measured_with_the_adapter_off",),
    ),
    Bug(
        "the comparison asks what was trained on",
        "core/evaluation/tuned.py",
        'return "test" if self.version.counts.get("test") else "validation"',
        'return "train" if self.version.counts.get("test") else "validation"',
        (f"{_EVALUATION}::test_scores_are_those_of_the_part_that_nobody_has_seen",),
    ),
)
