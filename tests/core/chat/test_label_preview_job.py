"""What is shown is what is trained on: compared with the table and the collator of the training."""

import shutil

import numpy as np
import pytest

from core.chat.label_preview import LabelPreview
from core.chat.label_preview_job import run_label_preview, run_leave_out
from core.chat.packing import IGNORED, collate
from core.chat.template import end_processes
from core.chat.tokens import CUT_OFF, build_table, encode
from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.draft import Draft, ScanOptions
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.spec import LeaveOutParams
from core.data.splitting import SplitOptions
from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.jobs.spec import LabelPreviewParams
from core.language import _
from core.models.inspection import inspect_model
from core.models.whereabouts import remember_base
from core.project import Project
from tests.core.chat.test_tokens import TEMPLATES
from tests.core.data.examples import clean_pairs, write_jsonl
from tests.core.training.shapes import QWEN_THINKING


@pytest.fixture(autouse=True)
def no_process_stays():
    yield
    end_processes()


def conversations(count=60):
    """Talks of one or two questions, short and long ones."""
    rows = []
    for n, (question, answer) in enumerate(clean_pairs(count, 4)):
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        if n % 4 == 0:
            turns += [{"role": "user", "content": "And?"}, {"role": "assistant", "content": answer}]
        rows.append({"messages": turns})
    return rows


@pytest.fixture
def project(tmp_path):
    made = Project.create(tmp_path / "Projekt ü")
    scan([write_jsonl(tmp_path / "rows.jsonl", conversations())], ScanOptions(), made.draft)
    with Draft(made.draft) as draft:
        prepare(draft, Choices(), SplitOptions(), made.versions)
    return made


def learned_by(project, base):
    """Run the job in this process; return its result and run folder."""
    (version,) = project.versions.iterdir()
    folder = project.new_run("learning")
    params = LabelPreviewParams(dataset_version=version.name, base_model=str(base))
    with JobLink(folder) as link:
        run_label_preview(folder, params, link)
    return LabelPreview.load(folder), folder


def base_with(folder, sample_model, template, end):
    """A folder with the sample's tokenizer and another chat template."""
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(sample_model)
    marks = [m for m in (end, "<|start_header_id|>", "[INST]", "<start_of_turn>") if m in template]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return folder


def test_the_base_of_a_carried_project_is_found_by_its_hash(project, tiny_model):
    remember_base(project, "/gone/tiny", inspect_model(tiny_model).fingerprint)
    (project.root / "models").mkdir()
    shutil.copytree(tiny_model, project.root / "models" / "tiny")
    preview, _folder = learned_by(project, "/gone/tiny")
    assert preview.summary.base_model == "/gone/tiny", "it is looked for by the project's name"


@pytest.mark.parametrize("max_length", [80, 2048])
@pytest.mark.parametrize("shape", ["sample", *TEMPLATES])
def test_the_view_equals_what_the_training_step_receives(
    project, sample_model, tmp_path, shape, max_length
):
    base = sample_model
    if shape != "sample":
        base = base_with(tmp_path / "base", sample_model, *TEMPLATES[shape])
    preview, _ = learned_by(project, base)
    from core.models.loading import load_tokenizer

    tokenizer = load_tokenizer(base)
    (folder,) = project.versions.iterdir()
    rows = list(DatasetVersion.load(folder).rows())
    lost = set(preview.unlearnable(max_length).tolist())
    shown = [text for text in preview.texts if text.index not in lost]
    assert len(shown) >= 20
    examples = [rows[text.index][1] for text in shown]
    table = build_table(tokenizer, examples, max_length, tmp_path / "t.arrow")
    batch = collate([table.row(n) for n in range(len(table))])
    ids = [token for text in shown for token in text.ids[:max_length]]
    trained = [letter != "m" for text in shown for letter in text.kinds[:max_length]]
    assert batch.ids[0].tolist() == ids
    assert (batch.labels[0] != IGNORED).tolist() == trained
    assert table.cut == len(set(preview.cut(max_length).tolist()) & {t.index for t in shown})


def test_the_pieces_join_to_the_whole_text(project, sample_model):
    preview, _ = learned_by(project, sample_model)
    for text in preview.texts:
        runs = list(text.runs(20))
        assert "".join(piece for _, piece in runs) == text.text
        kinds = [kind for kind, _ in runs]
        assert "cut" not in kinds[:-1]
    whole = [kind for kind, _ in preview.texts[0].runs(10_000)]
    assert whole[:3] == ["masked", "trained", "end"]


def test_the_end_of_an_answer_is_named(project, sample_model):
    preview, _ = learned_by(project, sample_model)
    assert preview.summary.end == "<|im_end|>"
    assert preview.summary.without_end == 0
    assert preview.summary.known_template
    text = preview.texts[0]
    assert ("end", "<|im_end|>") in list(text.runs(10_000))


def test_a_template_without_an_end_is_seen(project, sample_model, tmp_path):
    """A model trained with it would never stop."""
    template = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}"
    base = base_with(tmp_path / "base", sample_model, template, "<|im_end|>")
    preview, _ = learned_by(project, base)
    assert preview.summary.end == ""
    assert preview.summary.without_end == len(preview)


def test_what_cannot_be_learned_is_counted_and_named(project, sample_model, tmp_path):
    template = (
        "{% if messages | length > 2 %}{{ raise_exception('One question only') }}{% endif %}"
        + TEMPLATES["chatml"][0]
    )
    base = base_with(tmp_path / "base", sample_model, template, "<|im_end|>")
    preview, _ = learned_by(project, base)
    lost = preview.unlearnable(100_000)
    assert len(lost) == 15
    assert "One question only" in preview.reason(int(lost[0]))
    source = preview.source(int(lost[0]))
    assert (source.file, source.line) == ("rows.jsonl", 1)
    faulty = [text for text in preview.texts if text.fault]
    assert len(faulty) == 15
    assert list(faulty[0].runs(10)) == []


def test_the_limit_decides_what_is_lost_and_cut(project, sample_model):
    preview, _ = learned_by(project, sample_model)
    everything = preview.length_for_all()
    assert len(preview.unlearnable(everything)) == len(preview.cut(everything)) == 0
    assert len(preview.cut(everything - 1)) >= 1
    lost = preview.unlearnable(16)
    assert len(lost) == len(preview)
    assert preview.reason(int(lost[0])) == CUT_OFF
    assert 0.05 < preview.trained_share(everything) < 0.95
    longest = max(preview.texts, key=lambda text: len(text.ids))
    assert len(longest.ids) == everything, "the longest can be looked at"
    assert longest.trained(everything) > longest.trained(60)


def test_figures_agree_with_the_encoding(project, sample_model, tokenizer):
    preview, _ = learned_by(project, sample_model)
    (folder,) = project.versions.iterdir()
    for index, (part, item) in enumerate(DatasetVersion.load(folder).rows()):
        (encoded,) = encode(tokenizer, item).texts
        learned = np.flatnonzero(np.array(encoded.labels) != IGNORED)
        facts = preview.facts[index]
        assert facts["tokens"] == len(encoded.ids)
        assert facts["first"] == learned[0]
        assert facts["trained"] == len(learned)
        assert ("train", "validation", "test")[facts["part"]] == part


@pytest.mark.parametrize("language", ["en", "en_XA"])
def test_what_cannot_be_learned_is_left_out_of_a_new_version(
    project, sample_model, language, monkeypatch
):
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", language)
    preview, folder = learned_by(project, sample_model)
    limit = int(np.sort(preview.facts["first"])[-5])
    expected = len(preview.unlearnable(limit))
    assert expected >= 5
    run = project.new_run("leave_out")
    params = LeaveOutParams(learning_run=folder.name, max_length=limit)
    with JobLink(run) as link:
        result = run_leave_out(run, params, link)
    assert result.left_out == expected
    assert result.problems[0].reason == _(CUT_OFF)
    version = DatasetVersion.load(project.versions / result.content_hash)
    assert sum(version.counts.values()) == len(preview) - expected
    assert version.receipt()["dropped"]["unlearnable"] == expected
    for written in (version.folder, folder.root):
        for path in written.rglob("*.json*"):
            if path.name != "events.jsonl":
                assert "⟦" not in path.read_text(encoding="utf-8"), path


def test_a_hostile_template_ends_the_job_with_its_reason(project, sample_model, tmp_path):
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    base = base_with(tmp_path / "base", sample_model, loops, "<|im_end|>")
    with pytest.raises(UserFacingError) as refusal:
        learned_by(project, base)
    assert refusal.value.code == "model.template_unsafe"


def test_answers_that_need_a_text_of_their_own(project, sample_model, tmp_path):
    """Each is looked at and counted; the example is still one."""
    base = base_with(tmp_path / "base", sample_model, QWEN_THINKING, "<|im_end|>")
    preview, _ = learned_by(project, base)
    notes = dict(preview.notes())
    assert "(15 of 60 examples)" in notes["several_texts"]
    assert "(60 of 60 examples)" in notes["empty_thinking"]
    twice = [text for text in preview.texts if text.texts == 2]
    assert {text.number for text in twice} == {0, 1}
    index = twice[0].index
    mine = [text for text in twice if text.index == index]
    assert preview.facts["tokens"][index] == max(len(text.ids) for text in mine)
    assert preview.facts["trained"][index] == sum(text.trained(9999) for text in mine)
    assert sum(preview.summary.texts.values()) == 75
    assert sum(preview.summary.text_tokens.values()) > preview.facts["tokens"].sum()
    limit = int(preview.facts["tokens"][index]) - 1
    assert index in preview.cut(limit)
    assert index not in preview.unlearnable(limit)
