"""Run commands as a user does: real processes."""

import subprocess
import sys


def sce2tm(*arguments, trace=False):
    """Run a command; its output is text. `trace` lists the imported modules in stderr."""
    return subprocess.run(
        [
            sys.executable,
            *(["-X", "importtime"] if trace else []),
            "-m",
            "sce2tm",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )


def known_mistake(result, *words):
    """One clear message, no traceback, exit code 1, nothing on standard output."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, result.stderr
    for word in words:
        assert word in result.stderr
