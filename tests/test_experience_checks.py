"""What a first-time person may rely on: each promise with the tests that hold it.

A promise without a test, and a test that is gone or renamed, fail here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
CHECKS: dict[str, tuple[str, ...]] = {
    # everywhere
    "keyboard reaches everything": (
        "gui/shell/test_window.py::test_the_keyboard_reaches_everything",
        "gui/test_keyboard_way.py::test_from_a_trained_model_to_daily_use",
    ),
    "focus visible": ("gui/test_focus.py::test_the_keyboards_place_can_be_seen",),
    "every control and plot has an accessible name": (
        "gui/test_gallery.py::test_picture",
        "gui/screen_reader_ways.py::test_the_sample_from_the_start_to_a_trained_model",
        "gui/screen_reader_ways.py"
        "::test_a_model_from_its_choice_to_a_saved_adapter_at_twice_the_size",
        "gui/screen_reader_ways.py::test_every_other_page",
    ),
    "text at least 4.5:1": (
        "gui/kit/look/test_colors.py::test_text_is_readable_on_every_background",
    ),
    "lines at least 3:1": ("gui/kit/look/test_colors.py::test_lines_are_visible",),
    "no meaning by colour alone": (
        "gui/training/charts/test_looks.py::test_no_two_lines_differ_by_colour_alone",
        "gui/settings/label_preview/test_token_text.py"
        "::test_each_kind_of_token_is_told_by_more_than_its_colour",
    ),
    "errors say what, why, what to do, with technical text under Details": (
        "gui/kit/test_message_bar.py"
        "::test_an_error_says_what_and_what_to_do_with_details_folded_away",
        "gui/shell/test_window.py::test_an_error_of_a_page_is_shown_with_details",
    ),
    "the window is never blocked over 100 ms": (
        "gui/jobs/test_job_thread.py::test_a_long_history_does_not_block_the_window",
        "gui/training/test_page.py::test_drawing_a_hundred_thousand_steps_does_not_block",
        "gui/examples/test_example_table.py::test_a_million_rows_scroll_without_a_stall",
    ),
    "busy sign at 0.5 s, bar at 5 s with phase and counts": (
        "gui/jobs/test_job_progress.py::test_after_half_a_second_there_is_a_sign_and_then_counts",
        "gui/jobs/test_phase_bar.py::test_it_moves_to_and_fro_for_five_seconds_at_most",
        "gui/jobs/test_phase_bar.py::test_counts_are_shown_as_they_are",
    ),
    "paths with ü, spaces, emoji": ("gui/test_whole_way.py::test_from_the_hub_to_a_proved_export",),
    "no network call before consent": (
        "core/models/hub/test_connection.py::test_nothing_connects_before_it_is_asked_for",
        "gui/base_model/test_page.py::test_the_page_connects_to_nothing",
        "gui/installation/test_dialog.py::test_nothing_connects_before_the_button",
        "gui/installation/test_update_dialog.py::test_nothing_connects_before_the_button",
    ),
    "a second start raises the first window": (
        "gui/test_app.py::test_a_second_start_while_the_window_is_built_raises_the_first",
    ),
    # data
    "original file untouched": (
        "core/commands/test_examples.py::test_prepare_accepts_and_changes_no_original",
    ),
    "wrong encoding visible, one-click override": (
        "gui/examples/test_column_mapping.py::test_the_guess_is_said_in_one_line",
        "gui/examples/test_column_mapping.py::test_another_encoding_is_read_with_at_once",
    ),
    "a bad row is reported with its line number, the rest loads": (
        "core/data/readers/test_reading.py::test_bad_rows_have_line_reason_and_text_and_the_rest_loads",
    ),
    "under 100 examples warns, does not block": (
        "gui/examples/test_page.py::test_few_examples_and_bad_rows_are_said",
    ),
    "no copy and no near copy across the split": (
        "core/data/test_preparation.py::test_no_copy_and_no_question_crosses_the_split",
        "campaigns/test_split_leaks.py::test_short_form",
    ),
    # model
    "the badge counts free memory and shows the numbers": (
        "gui/base_model/test_model_card.py::test_the_badge_follows_the_free_memory_and_shows_the_numbers",
    ),
    "download size, disk after, licence before commit": (
        "core/planning/test_offer_text.py::test_size_licence_and_the_disk_afterwards_are_told_before",
        "gui/base_model/test_offer_panel.py::test_what_is_declined_is_not_downloaded",
    ),
    # training
    "no ETA until measured": (
        "core/training/monitor/test_eta.py::test_nothing_is_said_before_it_was_measured",
        "gui/training/test_headline.py::test_nothing_is_shown_before_there_is_a_figure",
    ),
    "the ETA never jumps back without a reason": (
        "core/training/monitor/test_eta.py::test_long_batches_do_not_mislead",
        "core/training/monitor/test_eta.py"
        "::test_the_first_check_is_slow_and_does_not_count_once_there_are_others",
        "core/training/test_loop.py::test_the_time_left_is_told_within_a_few_percent_also_after_a_resume",
    ),
    "closing the window is safe, by choice it goes on or pauses": (
        "gui/shell/test_closing.py::test_it_may_go_on",
        "gui/shell/test_closing.py::test_it_may_be_paused",
        "gui/training/test_page.py::test_closing_and_reopening_shows_the_same_run_with_its_whole_curve",
    ),
    "sleep prevention shown, also when it failed": (
        "gui/training/test_awake_line.py::test_both_states_are_said_while_it_runs",
        "core/hardware/system/test_awake.py::test_a_refusal_is_told",
    ),
    "stop and keep gives a usable adapter": (
        "gui/training/test_page.py::test_stop_and_keep_the_best_so_far",
        "core/training/test_loop.py::test_a_stop_before_the_first_check_keeps_what_was_trained",
    ),
    "after a kill at most 10 min are lost": (
        "core/config/test_training.py::test_a_crash_costs_ten_minutes_at_most",
        "test_old_project.py::test_a_killed_training_is_finished_as_if_nothing_had_killed_it",
    ),
    "out of memory offers or takes safer settings": (
        "core/training/memory/test_fallback.py::test_a_full_card_costs_speed_not_the_run",
        "core/training/memory/test_fallback.py::test_when_no_rung_holds_the_run_ends_with_a_sentence",
    ),
    "disk checked before every checkpoint": (
        "core/training/checkpoints/test_disk_space.py::test_a_disk_that_is_nearly_full_is_not_written_to",
        "core/training/test_saving.py::test_a_full_disk_pauses_and_goes_on",
    ),
    # comparison
    "sides randomised per question, seed stored": (
        "core/evaluation/rating/test_ratings.py::test_sides_are_fair_and_follow_the_seed",
        "core/evaluation/rating/test_ratings.py::test_reopening_goes_on_and_other_answers_start_over",
    ),
    "identity absent from the accessibility tree": (
        "gui/comparison/test_blind_rating.py::test_nothing_says_which_model_wrote_what",
    ),
    "ties and both bad": (
        "core/evaluation/rating/test_rating_session.py::test_totals_know_who_won",
        "gui/comparison/test_blind_rating.py::test_the_arrow_keys_judge",
    ),
    "interval shown": (
        "gui/comparison/test_verdict_view.py::test_the_result_has_its_interval_and_the_mean_marks",
    ),
    # saving
    "the folder holds adapter, base, template, settings, data hash, scores, time, cost, readme": (
        "core/export/test_job.py::test_the_folder_is_whole",
        "core/export/test_job.py::test_the_card_holds_the_facts",
        "core/export/test_card.py::test_scores_and_cost_are_shown_when_known",
    ),
    "never overwrites": (
        "core/commands/test_results.py::test_an_export_is_never_overwritten",
        "gui/saving/test_page.py::test_a_suggestion_never_overwrites",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_promise_has_its_tests(check: str) -> None:
    assert CHECKS[check]
    for named in CHECKS[check]:
        path, _sign, function = named.partition("::")
        assert function in functions(ROOT / path), f"{named} is gone"


def functions(path: Path) -> set[str]:
    """Return the tests of a file that are not switched off."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {
        node.name
        for node in found
        if isinstance(node, ast.FunctionDef) and not any(map(_is_skip, node.decorator_list))
    }


def _is_skip(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith(("pytest.mark.skip", "pytest.mark.xfail"))
