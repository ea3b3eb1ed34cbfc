"""A step on torch's device without numbers goes the way of a GPU, on any machine.

Looking at a value is an error there, where on a GPU it would be a wait. To mix in a tensor that
stayed on the host would be an error on a GPU, and is made one here.
"""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sce2tm.data.loader import DeviceSource, HostSource
from steps import planted_cells, stepper

META = torch.device("meta")
# an array taken from NumPy, and its copy on the device
SENDS = {torch.ops.aten.lift_fresh.default, torch.ops.aten._to_copy.default}


class OneDevice(TorchDispatchMode):
    """Every operation but sending has all of its arrays on the device."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Look at the tensors that come in; single numbers may be on the host."""
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        if func not in SENDS and any(leaf.ndim and leaf.device != META for leaf in given):
            raise RuntimeError(f"{func} mixes devices")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("reads_genes", [False, True])
@pytest.mark.parametrize("source", [DeviceSource, HostSource])
def test_no_step_but_the_first_of_an_epoch_looks_at_a_value(source, reads_genes, external):
    cells = planted_cells(reads_genes=reads_genes, external=external)
    module, step = stepper(cells, META, source, None)
    module.transport.due = False
    with OneDevice():
        step()
        step()
    assert {parameter.grad.device for parameter in module.parameters()} == {META}


def test_the_first_step_of_an_epoch_does():
    module, step = stepper(planted_cells(), META, DeviceSource, None)
    assert module.transport.due
    with pytest.raises(RuntimeError, match="meta"):
        step()


def test_a_tensor_left_on_the_host_is_an_error():
    module, step = stepper(planted_cells(), META, DeviceSource, None)
    module.transport.due = False
    module.decoder.norm.running_mean = torch.zeros(300)
    with OneDevice(), pytest.raises(RuntimeError, match="mixes devices"):
        step()
