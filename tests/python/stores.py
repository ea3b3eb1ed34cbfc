"""Write cells as other programs do; anndata's news about zarr is no concern of ours."""

import warnings

import anndata


def write_h5ad(adata, path):
    """As anndata does by default."""
    adata.write_h5ad(path)


def write_zarr(adata, path, version=3):
    """In format 2 or 3 of zarr."""
    with warnings.catch_warnings(), anndata.settings.override(zarr_write_format=version):
        warnings.simplefilter("ignore")
        adata.write_zarr(path)
