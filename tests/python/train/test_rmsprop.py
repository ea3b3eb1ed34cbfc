import subprocess
import sys

import torch

from sce2tm.train.rmsprop import RMSprop


def parameters():
    generator = torch.Generator().manual_seed(0)
    shapes = [(4, 3), (5,), ()]
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def loss_of(parameters):
    return sum((each**3 + each).sum() for each in parameters)


def test_steps_are_those_of_torch():
    ours, theirs = parameters(), parameters()
    one, other = RMSprop(ours, 0.05), torch.optim.RMSprop(theirs, lr=0.05)
    for rate in (0.05, 0.05, 0.02):
        one.learning_rate = other.param_groups[0]["lr"] = rate
        for optimizer, points in ((one, ours), (other, theirs)):
            optimizer.zero_grad()
            loss_of(points).backward()
            optimizer.step()
    for mine, its in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-6, atol=1e-6)
    for mine, its in zip(one.squares, theirs, strict=True):
        torch.testing.assert_close(mine, other.state[its]["square_avg"], rtol=1e-6, atol=0.0)


def test_a_fit_does_not_import_the_compiler_of_torch():
    code = (
        "import sys, sce2tm, numpy as np, anndata, logging\n"
        "counts = np.random.default_rng(0).poisson(2.0, (30, 12)).astype('float32')\n"
        "sce2tm.SCE2TM(3, None, epochs=1, progress=False).fit(anndata.AnnData(counts))\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
