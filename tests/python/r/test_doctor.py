"""The doctor runs in a Python that may lack everything."""

import json
import subprocess
import sys
from pathlib import Path

from sce2tm.r import doctor


def test_it_needs_the_standard_library_only():
    # -S hides all installed packages
    out = subprocess.run(
        [sys.executable, "-S", str(Path(doctor.__file__)), "numpy"],
        capture_output=True,
        check=True,
        text=True,
    )
    report = json.loads(out.stdout)
    assert report["packages"] == {"numpy": None}
    assert report["python"].startswith("3.")


def test_it_tells_versions_and_what_is_missing():
    found = doctor.versions(["numpy", "no-such-package"])
    assert found["numpy"]
    assert found["no-such-package"] is None
