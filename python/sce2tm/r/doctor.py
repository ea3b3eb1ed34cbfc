"""Which packages a Python has: ``python doctor.py NAME ...``.

R starts it with a Python that may lack everything, so only the standard library is used.
"""

import importlib.metadata
import json
import platform
import sys


def versions(names: list[str]) -> dict[str, str | None]:
    """Version of each distribution, None where it is missing; nothing is imported."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


if __name__ == "__main__":
    report = {"python": platform.python_version(), "packages": versions(sys.argv[1:])}
    sys.stdout.write(json.dumps(report) + "\n")
