import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sce2tm.errors import ModelFileError
from sce2tm.train.checkpoint import atomically, read, sweep, write

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "b": np.array(4, dtype=np.int64)}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.safetensors"
    write(path, ARRAYS, {"names": ["x", "y"]})
    return path


def test_what_is_written_is_read(path):
    arrays, metadata = read(path)
    assert metadata == {"names": ["x", "y"]}
    for name, values in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], values)
        assert arrays[name].dtype == values.dtype


def test_arrays_in_any_memory_order_come_back(tmp_path):
    write(tmp_path / "m", {"t": ARRAYS["a"].T}, {})
    np.testing.assert_array_equal(read(tmp_path / "m")[0]["t"], ARRAYS["a"].T)


def test_the_file_holds_no_pickle_and_has_the_usual_rights(path, tmp_path):
    assert int.from_bytes(path.read_bytes()[:8], "little") < 10_000  # safetensors: header length
    assert path.read_bytes()[8:9] == b"{"
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("kept", [0, 4, 60, -1])
def test_a_file_cut_short_is_named(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelFileError, match=r"model.safetensors' cannot be read: cut short"):
        read(path)


def test_other_files_are_named(tmp_path, path):
    with pytest.raises(ModelFileError, match="absent' is not a file"):
        read(tmp_path / "absent")
    save_file({"a": np.zeros(1)}, tmp_path / "other")
    with pytest.raises(ModelFileError, match="not one that sce2tm wrote"):
        read(tmp_path / "other")
    save_file({"a": np.zeros(1)}, path, metadata={"format": "sce2tm-model", "version": "99"})
    with pytest.raises(ModelFileError, match="format version '99'; this sce2tm reads version 1"):
        read(path)


def test_a_failed_write_leaves_the_old_file_and_no_rest(path, tmp_path):
    before = path.read_bytes()

    def full_disk(temporary):
        Path(temporary).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        atomically(path, full_disk)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.safetensors"]


def test_a_killed_save_leaves_the_old_file(path):
    before = path.read_bytes()
    code = (
        "import sys, time, pathlib\n"
        "from sce2tm.train.checkpoint import atomically\n"
        "def slow(temporary):\n"
        "    pathlib.Path(temporary).write_bytes(b'half')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
        f"atomically(pathlib.Path({str(path)!r}), slow)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"writing\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert path.read_bytes() == before
    assert read(path)[1] == {"names": ["x", "y"]}
    others = [path.with_name(f".{path.stem}.notes{path.suffix}"), path.with_name("other")]
    for other in others:
        other.write_text("of somebody's")
    assert len(list(path.parent.iterdir())) == 4
    sweep(path)
    assert sorted(path.parent.iterdir()) == sorted([path, *others])
