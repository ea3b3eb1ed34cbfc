"""Which topics differ between groups of cells, or between groups of donors."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from tqdm.auto import tqdm

from sce2tm import results
from sce2tm.errors import InputError
from sce2tm.tl.two_groups import FEWEST, Mask, Values, compare_cells, compare_donors

REST = "rest"
_COLUMNS = [
    "topic", "group", "reference", "test", "n", "n_reference", "mean", "mean_reference",
    "difference", "auc", "pval", "padj",
]  # fmt: skip


def differential_topics(
    adata: AnnData,
    groupby: str,
    groups: str | Sequence[str] | None = None,
    reference: str | None = None,
    donor: str | None = None,
    values: Values = "theta",
) -> pd.DataFrame:
    """Test every topic between groups of cells; with ``donor``, between donors.

    Cells of one donor are not replicates: they share the donor, the day and the tube. A test over
    cells asks whether *these* cells differ, and with donors that vary it finds differences where
    there are none. To say something about donors, name the column that holds them.

    Parameters
    ----------
    adata
        Cells that the model wrote its results into.
    groupby
        Column of ``obs`` that holds the groups; no missing values.
    groups
        Group or groups to test. None tests all, except the reference.
    reference
        Group to test against. None: where there are two groups the other one (and the first is
        the reference), else for each group all other cells (``"rest"`` in the table).
    donor
        Column of ``obs`` that says whose cells they are. Then the means of each donor's cells are
        compared: by the paired t-test over the donors that are on both sides, or, where no donor
        is, by Welch's t-test. At least 3 donors (pairs) are needed. Every donor counts the same,
        so leave out those with a handful of cells first. None tests cells.
    values
        ``"theta"``: topic proportions. They sum to 1: where one topic rises others fall. Donors'
        mean proportions are tested as log-odds.
        ``"latent"``: the latent, which has no such bound.

    Returns
    -------
    pandas.DataFrame
        One row for each group and topic, groups in their order and the smallest p first:

        ==================  =======================================================================
        column              meaning
        ==================  =======================================================================
        ``topic``           which topic
        ``group``           which group, compared with ``reference``
        ``test``            which test: over cells, or over donors, paired or not
        ``n``               cells or donors in the group; ``n_reference`` in the reference
        ``mean``            of the values over cells, or over donors' means; ``mean_reference``
        ``difference``      effect size: ``mean`` minus ``mean_reference``
        ``auc``             effect size: probability that a cell (a donor) of the group lies above
                            one of the reference; 0.5 is no difference. 2 auc - 1 is the
                            rank-biserial correlation. Paired: share of donors that lie above
        ``pval``            two-sided
        ``padj``            Benjamini-Hochberg over all rows of the table
        ==================  =======================================================================

    Raises
    ------
    InputError
        No results, no such column or group, missing labels, one group only, or groups with fewer
        than 3 cells or donors.

    Notes
    -----
    Over cells: Mann-Whitney, normal approximation. Groups that differ in their cell types differ in
    topics: to see what changes within a type, take its cells, ``adata[adata.obs["cell_type"] ==
    "B"]``. Groups that were found in the latent (clusters) differ in it by construction; p-values
    mean nothing there, effect sizes do. Cost: 12,000 cells, 100 topics, 8 groups 2 s over cells, a
    fraction of that over donors. Sources: Squair et al. 2021 (cells are no replicates); Phipson et
    al. 2022 (log-odds of proportions over donors).

    Examples
    --------
    >>> import numpy as np, anndata, sce2tm
    >>> adata = anndata.AnnData(np.ones((6, 3)))
    >>> adata.obs["drug"] = ["no", "no", "no", "yes", "yes", "yes"]
    >>> first = np.array([0.9, 0.8, 0.7, 0.5, 0.4, 0.3])
    >>> adata.obsm["sce2tm_theta"] = np.column_stack([first, 1 - first])
    >>> adata.uns["sce2tm"] = {"topic_names": ["topic_1", "topic_2"]}
    >>> table = sce2tm.tl.differential_topics(adata, "drug")
    >>> table[["topic", "group", "reference", "difference", "auc"]].round(2)
         topic group reference  difference  auc
    0  topic_1   yes        no        -0.4  0.0
    1  topic_2   yes        no         0.4  1.0
    """
    from scipy.stats import false_discovery_control

    if values not in ("theta", "latent"):
        raise InputError(f"values={values!r} is unknown. Use 'theta' or 'latent'.")
    labels = results.labels(adata, groupby)
    tested, reference = _contrasts(labels, groupby, groups, reference)
    donors = None if donor is None else results.labels(adata, donor)
    sides = {name: _sides(labels, name, reference) for name in tested}
    for name, (inside, outside) in sides.items():
        _check_cells(name, inside, outside, groupby)
        if donors is not None:
            _check_donors(name, inside, outside, donors, str(donor))

    table = results.proportions(adata) if values == "theta" else results.latent(adata)
    numbers = table.to_numpy()
    parts = []
    for name, (inside, outside) in tqdm(
        sides.items(), desc="differential topics", unit="group", delay=2
    ):
        found = (
            compare_cells(numbers, inside, outside)
            if donors is None
            else compare_donors(numbers, inside, outside, donors, values)
        )
        part = pd.DataFrame({"topic": table.columns, "group": name, **vars(found)})
        part["difference"] = part["mean"] - part["mean_reference"]
        # p-values of many cells can be 0; then the clearer separation comes first
        separation = -(part["auc"] - 0.5).abs().to_numpy()
        parts.append(part.iloc[np.lexsort((separation, part["pval"]))])
    whole = pd.concat(parts, ignore_index=True)
    whole["reference"] = REST if reference is None else reference
    whole["padj"] = false_discovery_control(whole["pval"])
    return whole[_COLUMNS]


def _contrasts(
    labels: pd.Series, groupby: str, groups: str | Sequence[str] | None, reference: str | None
) -> tuple[list[str], str | None]:
    """Groups to test, and what against (None: all other cells)."""
    present = list(labels.cat.categories)
    if len(present) < 2:
        raise InputError(
            f"adata.obs[{groupby!r}] holds one group only: {present}. Give a column with two or "
            "more groups."
        )
    asked = [groups] if isinstance(groups, str) else groups
    if asked is not None and len(asked) == 0:
        raise InputError("groups is empty. Name groups to test, or leave it out to test all.")
    named = [*(asked or []), *([] if reference is None else [reference])]
    for name in named:
        if name not in present:
            raise InputError(
                f"{name!r} is no group of adata.obs[{groupby!r}]. Use some of {present}."
            )
    if reference is None and len(present) == 2 and (asked is None or len(asked) == 1):
        reference = present[0] if asked is None or asked[0] == present[1] else present[1]
    tested = [name for name in present if name != reference] if asked is None else list(asked)
    if reference in tested:
        raise InputError(
            f"reference={reference!r} is also among groups={tested!r}. Leave it out of one."
        )
    return tested, reference


def _sides(labels: pd.Series, name: str, reference: str | None) -> tuple[Mask, Mask]:
    text = labels.to_numpy(dtype=object)
    inside = text == name
    return inside, ~inside if reference is None else text == reference


def _check_cells(name: str, inside: Mask, outside: Mask, groupby: str) -> None:
    if min(inside.sum(), outside.sum()) < FEWEST:
        raise InputError(
            f"Group {name!r} of adata.obs[{groupby!r}] has {inside.sum()} cells and its reference "
            f"{outside.sum()}. At least {FEWEST} are needed on both sides: leave the group out, "
            "groups=[...], or join it with another."
        )


def _check_donors(name: str, inside: Mask, outside: Mask, donors: pd.Series, donor: str) -> None:
    one, other = set(donors[inside]), set(donors[outside])
    shared = sorted(one & other)
    if 0 < len(shared) < FEWEST and len(one | other) > len(shared):
        raise InputError(
            f"donor={donor!r}: group {name!r} and its reference share {len(shared)} of "
            f"{len(one | other)} donors ({shared}). A paired test needs at least {FEWEST}, and an "
            "unpaired one none: leave those donors' cells out of one side, or the group out, "
            "groups=[...]."
        )
    if min(len(one), len(other)) < FEWEST:
        raise InputError(
            f"donor={donor!r}: group {name!r} has cells of {len(one)} donors and its reference of "
            f"{len(other)}. At least {FEWEST} are needed on both sides: leave the group out, "
            "groups=[...], or test cells, donor=None."
        )
