from core.training.course import Course, rises


def course_of(losses, norm=1.0):
    course = Course()
    for step, loss in enumerate(losses, 1):
        course.add_step(step, loss, norm, (step,))
    return course


def test_levels_are_medians_and_need_enough_steps():
    course = course_of([3.0] * 7)
    assert course.level is None
    assert course.start == 3.0
    course.add_step(8, 9.0, 1.0)
    assert course.level == course.lowest == 3.0


def test_a_jump_is_a_spike_and_does_not_move_the_level():
    course = course_of([1.2] * 20 + [4.7] + [1.2] * 3)
    assert [(s.step, s.loss, s.level, s.rows) for s in course.spikes] == [(21, 4.7, 1.2, (21,))]
    assert course.level == 1.2
    assert course.recent_spikes
    for step in range(25, 60):
        course.add_step(step, 1.2, 1.0)
    assert not course.recent_spikes


def test_a_batch_that_wobbles_as_usual_is_no_spike():
    wobble = [2.0, 2.9, 1.4, 2.6, 1.7, 3.0, 1.5, 2.2]
    assert not course_of([*wobble * 4, 3.4]).spikes


def test_examples_that_were_in_two_spikes_are_suspects():
    course = course_of([1.2] * 20)
    for step, rows in ((21, (3, 7)), (30, (7, 9)), (31, (1, 2))):
        course.add_step(step, 4.7, 1.0, rows)
        course.add_step(step, 1.2, 1.0, (5,))
    assert course.suspects() == (7,)


def test_the_best_check_and_how_old_it_is():
    course = course_of([2.0] * 10)
    assert course.best_check is None
    for step, loss in ((0, 3.0), (4, 2.0), (8, 2.1), (12, 2.2)):
        course.add_check(step, loss, {"a": loss, "b": 1.0})
    assert course.best_check.step == 4
    assert course.checks_since_best == 2
    assert course.tasks == {"a": [3.0, 2.0, 2.1, 2.2], "b": [1.0] * 4}


def test_rises_count_from_the_end():
    assert rises([]) == rises([1.0]) == 0
    assert rises([2.0, 1.0, 1.1, 1.2]) == 2
    assert rises([1.0, 2.0, 1.5]) == 0


def test_a_step_can_be_told_to_be_odd_in_hindsight_where_batches_differ():
    noisy = [2.0, 2.6, 1.8, 2.4, 3.0, 1.6, 2.2, 2.8] * 5
    assert not course_of(noisy).odd_steps
    noisy[20] = noisy[30] = 4.6
    found = course_of(noisy)
    assert [spike.step for spike in found.odd_steps] == [21, 31]
    assert [spike.step for spike in found.recent_odd_steps] == [21, 31]
