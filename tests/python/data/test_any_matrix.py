"""Whatever comes in: a checked matrix with the same values, or an error of ours."""

import numpy as np
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from sce2tm.data.blocks import blocks, summarise
from sce2tm.errors import InputError

MATRICES = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int32, np.uint8, np.bool_]),
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
)
FORMS = st.sampled_from([np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])


@settings(max_examples=200, deadline=None)
@given(values=MATRICES, form=FORMS)
def test_values_are_kept_or_refused(values, form):
    with np.errstate(over="ignore"):
        as_float = values.astype(np.float32)
    usable = np.isfinite(as_float).all() and (as_float >= 0).all()
    fine = usable and (as_float > 0).any(axis=1).all()
    try:
        with np.errstate(over="ignore"):
            expression = blocks(AnnData(form(values)))
            summarise(expression)
            rows = sparse.vstack([block for _, block in expression]).toarray()
    except InputError:
        assert not fine
    else:
        assert fine
        np.testing.assert_array_equal(rows, as_float)
