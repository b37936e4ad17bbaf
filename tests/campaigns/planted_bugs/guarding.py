"""Bugs in what protects card, night and truth while a training runs."""

from tests.campaigns.planted_bugs.bug import Bug

_HEAT = "tests/core/hardware/thermal/test_heat.py"
_GUARD = "tests/core/hardware/thermal/test_guard.py"
_BRAKE = "tests/core/hardware/thermal/test_throttle.py"
_ENERGY = "tests/core/hardware/system/test_energy.py"
_HEALTH = "tests/core/training/monitor/test_health.py"
_LADDER = "tests/core/training/memory/test_fallback.py"
_WATCHDOG = "tests/core/training/monitor/test_watchdog.py"

BUGS = (
    Bug(
        "a chosen heat limit may be above the card's own",
        "core/hardware/thermal/heat.py",
        "            pause = min(pause, chosen)\n",
        "            pause = chosen\n",
        (_HEAT,),
    ),
    Bug(
        "the card's slowdown is not asked for",
        "core/hardware/thermal/heat.py",
        "slowdown = (card.slowdown_at if card else None) or _ASSUMED_SLOWDOWN",
        "slowdown = _ASSUMED_SLOWDOWN",
        (_HEAT,),
    ),
    Bug(
        "a hot card is not paused",
        "core/hardware/thermal/heat.py",
        "if temperature >= self.limits.critical_at or at - self._hot_since >= _PATIENCE:",
        "if temperature >= self.limits.critical_at:",
        (_HEAT,),
    ),
    Bug(
        "near the switch-off it waits",
        "core/hardware/thermal/heat.py",
        "if temperature >= self.limits.critical_at or at - self._hot_since >= _PATIENCE:",
        "if at - self._hot_since >= _PATIENCE:",
        (_HEAT,),
    ),
    Bug(
        "one odd reading pauses",
        "core/hardware/thermal/heat.py",
        "if temperature >= self.limits.critical_at or at - self._hot_since >= _PATIENCE:",
        "if at >= self._hot_since:",
        (_HEAT,),
    ),
    Bug(
        "a pause ends at the limit itself",
        "core/hardware/thermal/heat.py",
        "        return temperature <= self.limits.resume_at or waited",
        "        return temperature <= self.limits.pause_at or waited",
        (_HEAT,),
    ),
    Bug(
        "a warm room holds a pause for ever",
        "core/hardware/thermal/heat.py",
        "        return temperature <= self.limits.resume_at or waited >= _AS_COOL_AS_IT_GETS\n",
        "        return temperature <= self.limits.resume_at\n",
        (_HEAT,),
    ),
    Bug(
        "hot memory does not count",
        "core/hardware/thermal/heat.py",
        "    if core is None or memory - shift > core:\n",
        "    if core is None:\n",
        (_HEAT,),
    ),
    Bug(
        "the coolest card decides",
        "core/hardware/thermal/heat.py",
        "        self._worst = max(self._guards.values()",
        "        self._worst = min(self._guards.values()",
        (_HEAT,),
    ),
    Bug(
        "a dead sensor holds a pause for ever",
        "core/hardware/thermal/heat.py",
        "guard.state.should_pause and guard.read_at >= since for",
        "guard.state.should_pause for",
        (_HEAT, _GUARD),
    ),
    Bug(
        "a pause is never told to be over",
        "core/hardware/thermal/guard.py",
        '        self._link.emit(StateChanged(state="running"))\n',
        "",
        (_GUARD,),
    ),
    Bug(
        "a long step is not interrupted by heat",
        "core/hardware/thermal/guard.py",
        "        self.before_step(interrupted)\n        if not self.target:\n",
        "        if not self.target:\n",
        (_GUARD,),
    ),
    Bug(
        "the brake works the wrong way round",
        "core/hardware/thermal/throttle.py",
        "        self._by_heat = _within(self._integral + _PROPORTIONAL * room)\n",
        "        self._by_heat = _within(self._integral - _PROPORTIONAL * room)\n",
        (_BRAKE,),
    ),
    Bug(
        "the power brake works the wrong way round",
        "core/hardware/thermal/throttle.py",
        "error = (wanted - self._mean_watts) / wanted",
        "error = (self._mean_watts - wanted) / wanted",
        (_BRAKE,),
    ),
    Bug(
        "rests have no limit",
        "core/hardware/thermal/throttle.py",
        "return min(_LONGEST_REST, max(0.0, busy_seconds * (1 / self.duty - 1)))",
        "return max(0.0, busy_seconds * (1 / self.duty - 1))",
        (_BRAKE,),
    ),
    Bug(
        "energy is a thousand times too much",
        "core/hardware/system/energy.py",
        "JOULES_PER_KWH = 3_600_000\n",
        "JOULES_PER_KWH = 3_600\n",
        (_ENERGY,),
    ),
    Bug(
        "a counter that jumps is believed",
        "core/hardware/system/energy.py",
        "return gained if 0 <= gained <= self._most_watts * (seconds + 1) else None",
        "return gained",
        (_ENERGY,),
    ),
    Bug(
        "what earlier sessions used is forgotten",
        "core/hardware/system/energy.py",
        "finished, current = _sum(finished, current), Usage(0.0, 0.0)",
        "finished, current = finished, Usage(0.0, 0.0)",
        (_ENERGY,),
    ),
    Bug(
        "a loss that is no number is not noticed",
        "core/training/monitor/health.py",
        "        if not (math.isfinite(loss) and math.isfinite(grad_norm)):\n",
        "        if math.isinf(loss):\n",
        (_HEALTH,),
    ),
    Bug(
        "a gradient that is no number is not noticed",
        "core/training/monitor/health.py",
        "        if not (math.isfinite(loss) and math.isfinite(grad_norm)):\n",
        "        if not math.isfinite(loss):\n",
        (_HEALTH,),
    ),
    Bug(
        "what is no number is noticed and applied",
        "core/training/step.py",
        "    run.stop_if_red(verdict)\n",
        "",
        (
            "tests/core/training/test_step.py::"
            "test_a_loss_that_is_no_number_stops_before_the_update",
        ),
    ),
    Bug(
        "a state that a check condemned is saved",
        "core/training/validation.py",
        "    run.stop_if_red(verdict)  # before its state would become the newest checkpoint\n",
        "",
        (
            "tests/core/training/test_validation.py::test_a_state_that_a_check_condemns_is_no_checkpoint",
        ),
    ),
    Bug(
        "out of memory halves the effective batch",
        "core/training/step.py",
        "    def undo() -> None:\n",
        "    def undo() -> None:\n        del rows[len(rows) // 2 :]\n",
        (_LADDER,),
    ),
    Bug(
        "out of memory makes micro-batches that hold no example",
        "core/training/memory/fallback.py",
        "max(self.longest, self.capacity // 2)",
        "self.capacity // 2",
        (_LADDER,),
    ),
    Bug(
        "any error is taken for a full memory",
        "core/training/memory/fallback.py",
        "            except Exception as error:\n                if not is_out_of_memory(error):\n",
        "            except Exception as error:\n                if not error:\n",
        (_LADDER,),
    ),
    Bug(
        "a run of a lost card goes on on the processor",
        "core/training/job.py",
        "    require_card(folder, training_device())\n    count",
        "    count",
        (
            "tests/core/training/test_job.py::"
            "test_what_a_card_began_is_refused_before_anything_is_loaded",
        ),
    ),
    Bug(
        "a lost card is an ordinary error",
        "core/hardware/cards/loss.py",
        "    return bool(named) or is_cuda\n",
        "    return is_cuda\n",
        ("tests/core/hardware/cards/test_loss.py",),
    ),
    Bug(
        "an old failure of the card is taken for this one",
        "core/hardware/cards/loss.py",
        "if now - at < _RECENT_SECONDS]",
        "if at]",
        ("tests/core/hardware/cards/test_loss.py",),
    ),
    Bug(
        "a step that hangs is not told",
        "core/training/monitor/watchdog.py",
        "        if seconds < max(_LEAST_SECONDS, longest):\n",
        "        if seconds:\n",
        (_WATCHDOG,),
    ),
    Bug(
        "a computer that slept is taken for a step that hangs",
        "core/training/monitor/watchdog.py",
        "                    self._began += gap  # a step is not slow because the computer slept\n",
        "                    pass\n",
        (_WATCHDOG,),
    ),
)
