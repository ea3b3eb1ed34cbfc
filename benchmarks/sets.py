"""The labelled real sets of the quality benchmark, and how each is read."""

from dataclasses import dataclass
from pathlib import Path

import anndata

HUMAN = "ReactomePathways.Hs.gmt"
MOUSE = "ReactomePathways.Mm.gmt"


@dataclass(frozen=True)
class BenchmarkSet:
    """One row of the table.

    Attributes
    ----------
    file
        ``sets/<file>.h5ad`` in the data folder.
    values
        What the matrix holds: "counts" (also RPKM) or "lognorm".
    gene_sets
        ``gmt/<gene_sets>``, of the right species, for topic coherence.
    external
        Key in obsm of the external view; None trains without one.
    """

    file: str
    values: str = "counts"
    gene_sets: str = HUMAN
    external: str | None = None


SETS = {
    "Yan": BenchmarkSet("Yan"),
    "sc_mixology_10x_3cl": BenchmarkSet("sc_mixology_10x_3cl"),
    "Wang_sub": BenchmarkSet("Wang_sub", values="lognorm"),
    "Wang_sub + scGPT": BenchmarkSet("Wang_sub", values="lognorm", external="X_scGPT"),
    "Baron_mouse": BenchmarkSet("Baron_mouse", gene_sets=MOUSE),
    "PBMC3k": BenchmarkSet("PBMC3k"),
}
MIXTURE = BenchmarkSet("sc_mixology_RNAmix")


def load(data: Path, chosen: BenchmarkSet) -> anndata.AnnData:
    """Cells with a known type, and with an external view of the same cell where sets carry one."""
    cells = anndata.read_h5ad(data / "sets" / f"{chosen.file}.h5ad")
    cells = cells[cells.obs["cell_type"] != "unassigned"]
    if "ref_posterior" in cells.obs:  # how sure it is that expression and view are of one cell
        cells = cells[cells.obs["ref_posterior"] > 0.9]
    cells = cells.copy()
    if chosen.external is None:
        cells.obsm.clear()  # or the default view would be found and used
    return cells
