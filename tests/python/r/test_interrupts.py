"""Ctrl-C is noted while it is taken over, and is then what it was, for Python and below it."""

import signal
import subprocess
import sys

import pytest

from sce2tm.r.interrupts import Interrupts


def test_ctrl_c_is_noted_and_raises_nothing():
    interrupts = Interrupts()
    assert not interrupts.seen
    signal.raise_signal(signal.SIGINT)
    interrupts.give_back()
    assert interrupts.seen


def test_ctrl_c_is_pythons_again():
    before = signal.getsignal(signal.SIGINT)
    interrupts = Interrupts()
    interrupts.give_back()
    interrupts.give_back()
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(sys.platform == "win32", reason="handlers are set by sigaction here")
def test_a_handler_below_python_is_kept():
    # as R does: set in C, of which Python's signal module does not know
    code = """
import ctypes, signal
from sce2tm.r.interrupts import Interrupts
got = []
handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: got.append(number))
ctypes.CDLL(None).signal(2, handler)
interrupts = Interrupts()
signal.raise_signal(signal.SIGINT)
interrupts.give_back()
assert interrupts.seen and not got
signal.raise_signal(signal.SIGINT)
assert got == [2]
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
