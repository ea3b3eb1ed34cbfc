"""The demo: it is complete, and its answer is the known one."""

import anndata as ad
import pandas as pd
import pytest
from matplotlib.image import imread

from sce2tm import SCE2TM, demo
from sce2tm.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A short demo: a third of the full training finds the answer as well."""
    out = tmp_path_factory.mktemp("demo")
    demo.run(out, epochs=25, progress=False)
    return out


@pytest.fixture(scope="module")
def adata(folder):
    return ad.read_h5ad(folder / "kang_ifnb.h5ad")


def test_every_file_that_the_readme_names_is_there(folder):
    text = (folder / "README.txt").read_text()
    files = [line.split()[0] for line in text.split("Files\n")[1].splitlines() if line[2] != " "]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*files, "README.txt"}


def test_interferon_topics_rise_in_treated_cells(adata):
    topics = demo.interferon_topics(adata)
    assert topics
    stimulated = adata.obs["condition"] == "STIM"
    share = adata.obs["interferon_topics"]
    assert share[stimulated].mean() > 2 * share[~stimulated].mean()


def test_report_tells_what_the_table_shows(folder, adata):
    text = (folder / "README.txt").read_text()
    genes = pd.read_csv(folder / "top_genes.tsv", sep="\t")
    for topic in demo.interferon_topics(adata):
        assert topic in text
        top = set(genes.loc[genes["topic"] == topic, "gene"].head(10))
        assert len(top & set(demo.INTERFERON_GENES)) >= 3


def test_saved_model_gives_the_saved_topics(folder, adata):
    model = SCE2TM.load(folder / "model.safetensors", device="cpu")
    theta = model.transform(adata).theta
    assert abs(theta - adata.obsm["sce2tm_theta"]).max() < 1e-6


def test_figures_are_pictures(folder):
    figures = sorted((folder / "figures").glob("*.png"))
    assert len(figures) == 4
    for path in figures:
        picture = imread(path)[..., :3]
        assert picture.shape[1] > 1000
        assert 0.02 < (picture < 0.9).any(axis=2).mean() < 0.9, f"{path.name} is empty or full"


def test_an_earlier_demo_is_kept(folder):
    with pytest.raises(InputError, match="--force"):
        demo.run(folder, progress=False)
