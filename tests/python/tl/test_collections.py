"""Gene sets from a file, a mapping, and (without a network) a library."""

import gseapy
import pytest

from sce2tm.errors import InputError
from sce2tm.tl import gene_sets


@pytest.fixture
def gmt(tmp_path):
    path = tmp_path / "toy.gmt"
    path.write_text("a\tx\tA\tB\tA\n")
    return path


def test_path(gmt, monkeypatch):
    assert gene_sets(gmt) == gene_sets(str(gmt)) == {"a": ["A", "B"]}
    bare = gmt.rename(gmt.with_name("no_suffix"))
    monkeypatch.chdir(bare.parent)
    assert gene_sets("no_suffix") == {"a": ["A", "B"]}  # a file that is there is read


def test_mapping_counts_genes_once():
    assert gene_sets({"b": ("A", "B", "A"), "a": ["C"]}) == {"b": ["A", "B"], "a": ["C"]}


def test_library(monkeypatch):
    asked = []

    def get_library(name, organism, min_size, max_size):
        asked.append((name, organism, min_size))
        return {"a": ["A", "A", "B"]}

    monkeypatch.setattr(gseapy, "get_library", get_library)
    assert gene_sets("Some_Library") == {"a": ["A", "B"]}
    assert gene_sets("Some_Library", organism="Mouse") == {"a": ["A", "B"]}
    assert asked == [("Some_Library", "Human", 0), ("Some_Library", "Mouse", 0)]


@pytest.mark.parametrize("path", ["absent.gmt", "some/where", "sets.gmt.gz"])
def test_what_looks_like_a_path_is_never_fetched(path, monkeypatch):
    monkeypatch.setattr(gseapy, "get_library", lambda *_a, **_k: pytest.fail("fetched"))
    with pytest.raises(InputError, match="cannot be read"):
        gene_sets(path)


def test_no_network(monkeypatch):
    def offline(*_arguments, **_more):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(gseapy, "get_library", offline)
    with pytest.raises(InputError, match=r"'KEGG' is no file.*Network is unreachable.*GMT file"):
        gene_sets("KEGG")


def test_empty_library(monkeypatch):
    monkeypatch.setattr(gseapy, "get_library", lambda *_a, **_k: {})
    with pytest.raises(InputError, match="'KEGG': the library is empty"):
        gene_sets("KEGG")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "is empty"),
        ([["A", "B"]], "is a list"),
        ({"a": "CD3D"}, r"gene_sets\['a'\]='CD3D' is no list"),
        ({"a": ["A", 3]}, r"gene_sets\['a'\]=\['A', 3\]"),
    ],
)
def test_bad_mapping(source, message):
    with pytest.raises(InputError, match=message):
        gene_sets(source)


def test_organism_is_for_libraries():
    with pytest.raises(InputError, match="organism='Mouse'"):
        gene_sets({"a": ["A"]}, organism="Mouse")
