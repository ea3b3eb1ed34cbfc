"""Ctrl-C while Python works for an R session: noted, and nothing else.

Reticulate's own handlers let R and Python race for an interrupt, in 1.28 by an R function that
Python calls: where R wins it jumps over Python's frames, and the next call crashes the session. So
from R's first call to its last Ctrl-C only leaves a note, which R reads where no Python is below.
"""

import ctypes
import signal

_get = ctypes.pythonapi.PyOS_getsig
_get.argtypes, _get.restype = [ctypes.c_int], ctypes.c_void_p
_set = ctypes.pythonapi.PyOS_setsig
_set.argtypes, _set.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p


class Interrupts:
    """Takes Ctrl-C over until it is given back; to be made in the main thread.

    Attributes
    ----------
    seen
        Whether it was pressed.

    Examples
    --------
    >>> import signal
    >>> interrupts = Interrupts()
    >>> signal.raise_signal(signal.SIGINT)
    >>> interrupts.give_back()
    >>> interrupts.seen
    True
    """

    def __init__(self) -> None:
        self.seen = False
        self._taken = True
        # R's or reticulate's, of which Python's signal module does not know
        self._system = _get(signal.SIGINT)
        self._python = signal.signal(signal.SIGINT, self._note)

    def _note(self, *_: object) -> None:
        self.seen = True

    def give_back(self) -> None:
        """Let those have it again that had it before."""
        if self._taken:
            if self._python is not None:
                signal.signal(signal.SIGINT, self._python)
            _set(signal.SIGINT, self._system)
            self._taken = False
