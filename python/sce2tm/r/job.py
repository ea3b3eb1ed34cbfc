"""A request of R's that is answered in a thread, while R stays outside of Python.

R may leave at any moment: an interrupt, a time limit, an error in a handler. Where it leaves from
a function that Python called, it jumps over Python's frames, and the next call crashes the session.
So Python calls nothing of R's here: R comes for the events, a moment at a time.
"""

import ctypes
from queue import Empty, SimpleQueue
from threading import Thread

from sce2tm.r.bridge import Answer, Array, Source, answer

# seconds between two tries to end the thread, whose first may have hit code that lets go of it
_PATIENCE = 5.0


class Job:
    """Answers one request in a thread of its own, from now on; `leave` belongs to each.

    Parameters
    ----------
    request, cells, external
        As in `sce2tm.r.bridge.answer`.

    Examples
    --------
    >>> job = Job('{"task": "example"}', None, None)
    >>> while job.running():
    ...     events = job.events(0.1)
    >>> job.leave()
    >>> sorted(job.answer().arrays)[-2:]
    ['pointers', 'values']
    """

    def __init__(self, request: str, cells: Source | None, external: Array | None) -> None:
        self._events: SimpleQueue[str] = SimpleQueue()
        self._answer: Answer | None = None
        # a daemon: it never keeps R from ending
        self._thread = Thread(target=self._work, args=(request, cells, external), daemon=True)
        self._thread.start()

    def _work(self, request: str, cells: Source | None, external: Array | None) -> None:
        try:
            self._answer = answer(request, cells, external, self._events.put)
        except KeyboardInterrupt:
            # by leave()
            return

    def running(self) -> bool:
        """Whether there is something to wait for: work, or events that R has not seen."""
        return self._thread.is_alive() or not self._events.empty()

    def events(self, seconds: float) -> list[str]:
        """Wait for an event, at most so many seconds; give all that are there, as lines of JSON."""
        found = []
        try:
            found.append(self._events.get(timeout=seconds))
            while True:
                found.append(self._events.get_nowait())
        except Empty:
            return found

    def leave(self) -> None:
        """End what still works, as Ctrl-C ends it, and wait for that."""
        while self._thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
            )
            self._thread.join(_PATIENCE)

    def answer(self) -> Answer:
        """Give what the request led to.

        Raises
        ------
        RuntimeError
            When there is none: it was left before its end, or is not done.
        """
        if self._answer is None:
            raise RuntimeError("the request has no answer: it was left before its end")
        return self._answer
