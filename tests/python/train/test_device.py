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


def test_each_of_several_processes_gets_its_own_gpu(monkeypatch):
    environment = {"RANK": 3, "WORLD_SIZE": 4, "LOCAL_RANK": 1, "MASTER_ADDR": "", "MASTER_PORT": 0}
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert str(find_device("auto")) == str(find_device("cuda")) == "cuda:1"
    assert str(find_device("cpu")) == "cpu"
    for device in ("cuda:0", "mps"):
        with pytest.raises(InputError, match=f"device={device!r} cannot be shared"):
            find_device(device)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match=r"device='cuda:1' is not there.*no more processes"):
        find_device("auto")
