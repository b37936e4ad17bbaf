"""Bugs against the promise that a resumed training learns the same."""

from tests.campaigns.planted_bugs.bug import Bug

_CHECKPOINT = "tests/core/training/checkpoints/test_checkpoint.py"
_RESUMPTION = "tests/core/training/test_resumption.py"
_SCHEDULE = "tests/core/training/test_schedule.py"
_LADDER = "tests/core/training/memory/test_fallback.py"
_SAME_BYTES = "tests/core/training/test_loop.py::test_resuming_ends_with_the_same_bytes"
_UPDATE = (
    "tests/core/training/test_step.py::"
    "test_an_update_uses_the_rate_of_its_step_and_a_clipped_gradient"
)
_LEARNS = "tests/core/training/test_loop.py::test_it_learns_and_keeps_the_best"

BUGS = (
    Bug(
        "random numbers are not restored",
        "core/training/checkpoints/checkpoint.py",
        "    restore_random_state(load_file(folder / _RANDOM))\n",
        "",
        (_CHECKPOINT,),
    ),
    Bug(
        "the optimizer is not restored",
        "core/training/checkpoints/checkpoint.py",
        "    _restore_optimizer(optimizer, load_file(folder / _OPTIMIZER))\n",
        "",
        (_CHECKPOINT,),
    ),
    Bug(
        "the optimizer's step is not saved",
        "core/training/checkpoints/checkpoint.py",
        '            tensors[f"{number}.{name}"] = value',
        '            tensors[f"{number}.{name}"] = 0 * value if name == "step" else value',
        (_CHECKPOINT, _SAME_BYTES),
    ),
    Bug(
        "the adapter is not restored",
        "core/training/checkpoints/checkpoint.py",
        "    set_adapter_weights(model, load_file(folder / _ADAPTER))\n",
        "",
        (_CHECKPOINT,),
    ),
    Bug(
        "the order of the data counts from the resume",
        "core/training/step.py",
        "    chosen = run.schedule.batch(step)\n",
        "    chosen = run.schedule.batch(run.steps_here)\n",
        (_SAME_BYTES,),
    ),
    Bug(
        "every epoch has the same order",
        "core/training/schedule.py",
        "_permutation(self.config.seed, epoch, self.examples)",
        "_permutation(self.config.seed, 0, self.examples)",
        (_SCHEDULE,),
    ),
    Bug(
        "the last examples of an epoch are left out",
        "core/training/schedule.py",
        "epoch, offset = divmod(position, self.examples)",
        "epoch, offset = divmod(position, max(1, self.examples - 1))",
        (_SCHEDULE,),
    ),
    Bug(
        "the learning rate is that of the next step",
        "core/training/step.py",
        "    rate = run.schedule.learning_rate(step)\n",
        "    rate = run.schedule.learning_rate(step + 1)\n",
        (_UPDATE,),
    ),
    Bug(
        "the learning rate is told and not used",
        "core/training/step.py",
        '        group["lr"] = rate\n',
        '        group["lr"] = run.config.learning_rate\n',
        (_UPDATE,),
    ),
    Bug(
        "the warm-up begins at nothing",
        "core/training/schedule.py",
        "return peak * (step + 1) / (warmup + 1)",
        "return peak * step / (warmup + 1)",
        (_SCHEDULE,),
    ),
    Bug(
        "the last step is not checked",
        "core/training/schedule.py",
        "step % self.validation_interval == 0 or step == self.total_steps",
        "step % self.validation_interval == 0",
        (_SCHEDULE,),
    ),
    Bug(
        "gradients of earlier steps stay",
        "core/training/step.py",
        "    run.optimizer.step()\n    run.optimizer.zero_grad(set_to_none=True)\n",
        "    run.optimizer.step()\n",
        ("tests/core/training/test_step.py",),
    ),
    Bug(
        "gradients of a step that was broken off stay",
        "core/training/step.py",
        "        run.optimizer.zero_grad(set_to_none=True)\n        restore_random_state(before)\n",
        "        restore_random_state(before)\n",
        (_LADDER,),
    ),
    Bug(
        "a repeated step draws other random numbers",
        "core/training/step.py",
        "        run.optimizer.zero_grad(set_to_none=True)\n        restore_random_state(before)\n",
        "        run.optimizer.zero_grad(set_to_none=True)\n",
        (_LADDER,),
    ),
    Bug(
        "each micro-batch weighs the same, whatever it holds",
        "core/training/step.py",
        "    (loss / trained).backward()",
        "    (loss / max(1, batch.trained_tokens)).backward()",
        ("tests/core/training/test_step.py::test_micro_batches_do_not_change_the_step",),
    ),
    Bug(
        "gradients are not clipped",
        "core/training/step.py",
        "clip_grad_norm_(run.parameters, run.config.clip_norm)",
        'clip_grad_norm_(run.parameters, float("inf"))',
        (_UPDATE,),
    ),
    Bug(
        "the best loss is forgotten",
        "core/training/validation.py",
        '        update |= {"best_loss": loss, "best_step": step}\n',
        '        update |= {"best_step": step}\n',
        (_LEARNS, "tests/core/training/test_validation.py::test_early_stop_waits_for_its_patience"),
    ),
    Bug(
        "the worst state is kept as the best",
        "core/training/validation.py",
        "    is_best = loss < run.position.best_loss\n",
        "    is_best = not loss < run.position.best_loss or step == 0\n",
        (_LEARNS,),
    ),
    Bug(
        "a damaged best adapter is not noticed",
        "core/training/resumption.py",
        "    _check_best(run)\n    run.health",
        "    run.health",
        (_RESUMPTION,),
    ),
    Bug(
        "a checkpoint of another run is taken",
        "core/training/resumption.py",
        "        _require_same_run(run, read_position(path))\n",
        "",
        (_RESUMPTION,),
    ),
    Bug(
        "a damaged checkpoint is resumed from",
        "core/training/resumption.py",
        "            verify_folder(path)\n",
        "            path.stat()\n",
        (_RESUMPTION,),
    ),
    Bug(
        "damaged later checkpoints stay",
        "core/training/resumption.py",
        "{s for s in run.checkpoints.steps() if s <= run.position.step}",
        "set(run.checkpoints.steps())",
        (_RESUMPTION,),
    ),
    Bug(
        "a resumed run has forgotten how it was doing",
        "core/training/loop.py",
        "        run.health.recall(read_events(run.link.folder), run.position.step)\n",
        "",
        ("tests/core/training/test_loop.py::test_a_resumed_run_judges_by_what_was_told_before",),
    ),
    Bug(
        "patience is counted in steps of this session",
        "core/training/validation.py",
        "run.schedule.epoch_at(step - run.position.best_step)",
        "run.schedule.epoch_at(run.steps_here)",
        ("tests/core/training/test_validation.py::test_a_resumed_run_is_as_patient",),
    ),
    Bug(
        "a log-out loses the steps since the last save",
        "core/training/loop.py",
        "    if request in (Request.PAUSE, Request.END):\n",
        "    if request is Request.PAUSE:\n",
        ("tests/core/training/test_loop.py::test_a_log_out_loses_no_step",),
    ),
    Bug(
        "a hot card pauses before anything is saved",
        "core/training/loop.py",
        "        save(run)\n        run.guard.before_step(",
        "        run.guard.before_step(",
        (
            "tests/core/training/test_loop.py::"
            "test_a_hot_card_pauses_the_training_with_everything_saved",
        ),
    ),
    Bug(
        "dropout is left on while unseen examples are checked",
        "core/training/validation.py",
        "    run.model.eval()\n",
        "",
        (
            "tests/core/training/test_validation.py::test_dropout_is_off_in_a_check_and_on_afterwards",
        ),
    ),
    Bug(
        "dropout is left off after a check",
        "core/training/validation.py",
        "    run.model.train()\n",
        "",
        (
            "tests/core/training/test_validation.py::test_dropout_is_off_in_a_check_and_on_afterwards",
        ),
    ),
)
