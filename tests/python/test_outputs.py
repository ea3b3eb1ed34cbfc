"""Files appear whole, where they should, or not at all."""

from pathlib import Path

import pytest
from anndata import AnnData

from sce2tm import outputs
from sce2tm.errors import InputError


def test_existing_files_are_named_and_nothing_is_made(tmp_path):
    old = tmp_path / "old.tsv"
    old.write_text("kept")
    with pytest.raises(InputError, match=r"old\.tsv.*--force"):
        outputs.claim([old, tmp_path / "new" / "file"], force=False)
    assert not (tmp_path / "new").exists()
    outputs.claim([old, tmp_path / "new" / "file"], force=True)
    assert (tmp_path / "new").is_dir()
    assert old.read_text() == "kept"


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
