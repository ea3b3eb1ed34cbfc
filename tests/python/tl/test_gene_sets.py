"""GMT files: good ones, packed ones, and rubbish."""

import gzip

import pytest

from sce2tm.errors import InputError
from sce2tm.tl.gene_sets import read_gmt

TEXT = "alpha\tsource\tA\tHLA-A\tA\n\nbeta set\t\tB\r\nempty\tsource\n"
SETS = {"alpha": ["A", "HLA-A"], "beta set": ["B"]}


def test_reads_plain_and_gzip(tmp_path):
    plain, packed = tmp_path / "sets.gmt", tmp_path / "packed.gmt"
    plain.write_text(TEXT)
    packed.write_bytes(gzip.compress(TEXT.encode(), mtime=0))
    assert read_gmt(plain) == SETS
    assert read_gmt(str(packed)) == SETS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one column only\n", "line 1 is 'one column only'"),
        (b"a\tx\tA\n\tx\tB\n", "line 2"),
        (b"a\tx\tA\na\tx\tB\n", "names the set 'a' a second time"),
        (b"", "holds no gene set"),
        (b"a\tx\n", "holds no gene set"),
        (b"\xff\xfe\x00\x81", "not UTF-8 text"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-12], "damaged gzip"),
    ],
)
def test_rubbish_is_named(tmp_path, content, message):
    path = tmp_path / "bad.gmt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_gmt(path)
    assert "bad.gmt" in str(caught.value)


def test_absent_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_gmt(tmp_path / "absent.gmt")
