"""Files appear whole, where they should, or not at all."""

from pathlib import Path

import pandas as pd
import pytest
from anndata import AnnData

from sce2tm import outputs
from sce2tm.errors import InputError


def test_existing_files_are_named(tmp_path):
    old = tmp_path / "old.tsv"
    old.write_text("kept")
    with pytest.raises(InputError, match=r"old\.tsv.*--force"):
        outputs.check_free([old, tmp_path / "new.tsv"], force=False)
    outputs.check_free([old], force=True)
    outputs.check_free([tmp_path / "new.tsv"], force=False)
    assert old.read_text() == "kept"


def test_folders_are_made_or_the_reason_given(tmp_path):
    outputs.make_folders([tmp_path / "a" / "b" / "file"])
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file.*cannot be made"):
        outputs.make_folders([tmp_path / "file" / "folder" / "x"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/pbmc.h5ad", "pbmc"),
        ("pbmc.v2.csv.gz", "pbmc.v2"),
        ("PBMC.H5", "PBMC"),
        ("filtered_feature_bc_matrix/", "filtered_feature_bc_matrix"),
    ],
)
def test_name_of_a_data_set(path, name):
    assert outputs.stem(Path(path)) == name


def test_a_writing_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "cells.h5ad"
    path.write_text("old")
    unwritable = AnnData(shape=(1, 1), uns={"key": object()})
    with pytest.raises(Exception, match="No method registered"):
        outputs.write_h5ad(unwritable, path)
    assert [file.name for file in tmp_path.iterdir()] == ["cells.h5ad"]
    assert path.read_text() == "old"


def test_lists_of_genes_are_joined_by_blanks(tmp_path):
    """As data.table::fwrite(sep2 = c("", " ", "")) writes them."""
    lists = [["X", "Y"], []]
    gsea = pd.DataFrame({"pathway": ["a", "b"], "pval": [1e-20, 1.0], "leadingEdge": lists})
    ora = pd.DataFrame({"pathway": ["a"], "overlapGenes": [["HLA-A"]], "overlap": [1]})
    outputs.write_enrichment(gsea, tmp_path / "gsea.tsv")
    outputs.write_enrichment(ora, tmp_path / "ora.tsv")
    assert (tmp_path / "gsea.tsv").read_text() == (
        "pathway\tpval\tleadingEdge\na\t1e-20\tX Y\nb\t1\t\n"
    )
    assert (tmp_path / "ora.tsv").read_text() == "pathway\toverlapGenes\toverlap\na\tHLA-A\t1\n"
    assert gsea["leadingEdge"].tolist() == lists
