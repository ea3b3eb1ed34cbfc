"""Programs that train in turns, so that a busy machine slows all of them alike.

All are started, and each waits until it is asked. A turn is a few epochs of one program, and the
next turn that of the next program: a second or less lies between those that are compared, where
whole runs lie minutes apart.
"""

import json
import sys
import time
from typing import Any, TextIO

Figures = dict[str, Any]


class Turns:
    """The program's side: tell it of each epoch; it waits between turns, on standard input.

    Parameters
    ----------
    epoch_steps
        Steps of an epoch.
    steps
        Least number of steps of a turn.
    out
        Where to write milliseconds of a step, a line for each turn.
    """

    def __init__(self, epoch_steps: int, steps: int, out: TextIO) -> None:
        self._epoch_steps, self._out = epoch_steps, out
        self._epochs_of_turn = -(-steps // epoch_steps)
        self._epochs, self._start = 0, 0.0

    def epochs(self, turns: int) -> int:
        """Epochs of so many turns, and the first one, which is not timed."""
        return 1 + turns * self._epochs_of_turn

    def epoch_ended(self) -> None:
        """Wait after the first epoch, and after each that ends a turn, to be asked for the next."""
        self._epochs += 1
        if self._start and self._epochs < self._epochs_of_turn:
            return
        ms = 1000 * (time.perf_counter() - self._start) / (self._epochs * self._epoch_steps)
        tell(self._out, {"ms": ms if self._start else None})
        sys.stdin.readline()
        self._epochs, self._start = 0, time.perf_counter()


def tell(out: TextIO, figures: Figures) -> None:
    """Write one line of JSON, at once."""
    out.write(json.dumps(figures) + "\n")
    out.flush()
