import pytest
import torch

from sce2tm.errors import DeviceError, InputError
from sce2tm.train.device import find_device, threads


def test_auto_takes_what_is_there():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert find_device("auto").type == expected


def test_an_absent_device_is_named():
    with pytest.raises(DeviceError, match=r"device='cuda:99' is not there.*device='cpu'"):
        find_device("cuda:99")


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "", "cpu1"])
def test_an_unknown_device_is_named(device):
    with pytest.raises(InputError, match=f"device={device!r} is unknown"):
        find_device(device)


def test_threads_are_put_back():
    before = torch.get_num_threads()
    with threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with pytest.raises(InputError, match="n_threads=0"), threads(0):
        pass
