import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine
from scipy.special import softmax

from sce2tm.nn.contrast import contrast_loss


@pytest.fixture
def views(rng):
    return softmax(rng.normal(size=(6, 4)), axis=1), softmax(rng.normal(size=(6, 4)), axis=1)


def beside(view, near):
    return torch.tensor(np.hstack([view, near]))


def test_contrast_matches_each_column_with_its_own_of_the_neighbours(views):
    view, near = views
    columns = list(view.T) + list(near.T)
    terms = []
    for anchor in range(8):
        partner = (anchor + 4) % 8
        odds = {
            other: np.exp((1 - cosine(columns[anchor], columns[other])) / 0.5)
            for other in range(8)
            if other != anchor
        }
        terms.append(-np.log(odds[partner] / sum(odds.values())))
    assert float(contrast_loss(beside(view, near))) == pytest.approx(np.mean(terms))


def test_contrast_is_least_where_the_columns_agree(views):
    view, _ = views
    same, turned = beside(view, view), beside(view, view[:, [1, 2, 3, 0]])
    assert contrast_loss(same) < contrast_loss(turned)


def test_contrasts_that_are_stacked_are_summed(views):
    there, back = beside(*views), beside(*views[::-1])
    both = contrast_loss(torch.stack((there, back)))
    torch.testing.assert_close(both, contrast_loss(there) + contrast_loss(back))


def test_contrast_has_the_gradient_of_finite_differences(views):
    columns = beside(*views).requires_grad_()
    torch.autograd.gradcheck(contrast_loss, columns)


def test_a_topic_that_no_cell_has_gives_no_gradient_but_numbers(views):
    columns = beside(*views)
    columns[:, [1, 5]] = 0
    columns.requires_grad_()
    contrast_loss(columns).backward()
    assert columns.grad.isfinite().all()
