"""Tell how far training is: a bar, a function of the caller's, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm.auto import tqdm

Losses = dict[str, float]
Progress = bool | Callable[[int, int, Losses], Any]
Report = Callable[[int, Losses], None]


@contextmanager
def reporting(progress: Progress, total_steps: int) -> Iterator[Report]:
    """Yield a function to call after each stretch with the step reached and the losses.

    Parameters
    ----------
    progress
        True shows a tqdm bar; a callable gets ``(step, total_steps, losses)`` after each epoch, or
        every 50 steps or so of a longer one (an exception in it ends the training); False stays
        silent.
    total_steps
        Steps of the whole training.
    """
    if callable(progress):

        def call(step: int, losses: Losses) -> None:
            progress(step, total_steps, losses)

        yield call
        return
    with tqdm(total=total_steps, desc="sce2tm", unit="step", disable=not progress) as bar:

        def report(step: int, losses: Losses) -> None:
            bar.set_postfix(loss=f"{losses['loss']:.1f}", refresh=False)
            bar.update(step - bar.n)

        yield report
