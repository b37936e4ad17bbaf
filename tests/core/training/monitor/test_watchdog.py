import pytest

from core.training.monitor.watchdog import StepWatchdog, since_boot


class Journal(list):
    def emit(self, event):
        self.append(event)

    @property
    def codes(self):
        return [event.code for event in self]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def watched():
    """A watchdog whose thread sleeps; its clock is turned by hand."""
    clock, journal = Clock(), Journal()
    return StepWatchdog(journal, clock=clock, poll_seconds=1.0), clock, journal


def work(dog, clock, seconds, *, times=1):
    for _ in range(times):
        with dog.watch():
            pass_time(dog, clock, seconds)


def pass_time(dog, clock, seconds):
    for _ in range(int(seconds)):
        clock.now += 1.0
        dog.look()


def test_steady_steps_are_not_spoken_of(watched):
    dog, clock, journal = watched
    work(dog, clock, 30, times=12)
    assert journal == []


def test_a_step_that_hangs_is_told_once_and_its_end_too(watched):
    dog, clock, journal = watched
    work(dog, clock, 4, times=6)
    work(dog, clock, 200)
    assert journal.codes == ["training.stuck", "training.moves_again"]
    assert "4.0 s each" in journal[0].text
    assert "Resume" in journal[0].todo
    work(dog, clock, 4)
    assert len(journal) == 2


def test_a_slow_model_may_take_ten_times_as_long(watched):
    dog, clock, journal = watched
    work(dog, clock, 20, times=6)
    work(dog, clock, 190)
    assert journal == []


def test_the_first_steps_may_take_long(watched):
    dog, clock, journal = watched
    work(dog, clock, 500)
    assert journal == []


def test_a_computer_that_slept_is_told_and_no_step_is_blamed(watched):
    dog, clock, journal = watched
    work(dog, clock, 4, times=6)
    with dog.watch():
        clock.now += 3600
        dog.look()
        pass_time(dog, clock, 4)
    assert journal.codes == ["training.slept"]
    assert "60 min" in journal[0].text
    assert dog.slept_seconds == pytest.approx(3599)


def test_a_step_that_waits_for_the_card_to_cool_is_not_slow(watched):
    dog, clock, journal = watched
    work(dog, clock, 4, times=6)
    with dog.watch():
        pass_time(dog, clock, 2)
        with dog.rest():
            pass_time(dog, clock, 900)
        pass_time(dog, clock, 2)
    assert journal == []
    assert dog._durations["step"][-1] == pytest.approx(4)


def test_between_steps_nothing_hangs(watched):
    dog, clock, journal = watched
    work(dog, clock, 4, times=6)
    pass_time(dog, clock, 500)
    assert journal == []


def test_the_readings_are_looked_at_but_not_right_after_a_sleep():
    clock, looked = Clock(), []
    dog = StepWatchdog(Journal(), lambda: looked.append(clock.now), clock=clock)
    pass_time(dog, clock, 2)
    clock.now += 3600
    dog.look()
    assert looked == [1001.0, 1002.0]
    pass_time(dog, clock, 1)
    assert looked[2:] == [4603.0]


def test_the_thread_looks_and_ends():
    with StepWatchdog(Journal(), poll_seconds=0.001) as dog, dog.watch():
        pass
    assert not dog._thread.is_alive()


def test_the_clock_counts_from_the_start_of_the_computer():
    assert since_boot() > 0


def test_a_hang_before_the_usual_time_is_known_is_told_after_a_quarter_of_an_hour(watched):
    dog, clock, journal = watched
    work(dog, clock, 850)
    assert journal == []
    work(dog, clock, 910)
    assert [event.text for event in journal] == [
        "This step has taken 900 s so far.",
        "The slow step finished after 910 s. The run continues.",
    ]


def test_checks_are_compared_with_checks(watched):
    dog, clock, journal = watched
    work(dog, clock, 2, times=6)
    for seconds in (100, 100, 100, 100, 100, 1100):
        with dog.watch("check"):
            pass_time(dog, clock, seconds)
    assert journal.codes == ["training.stuck", "training.moves_again"]
    assert "This check has taken 1000 s so far; earlier ones took 100.0 s each." in journal[0].text
