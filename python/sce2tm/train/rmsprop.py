"""RMSprop by torch's own function: the class around it takes a second to import its compiler."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.rmsprop import rmsprop


class RMSprop:
    """Steps of `torch.optim.RMSprop` with its default settings.

    Parameters
    ----------
    parameters
        What to train.
    learning_rate
        Size of a step; may be changed between steps.

    Attributes
    ----------
    squares
        Running mean of the squared gradient of each parameter.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self._parameters = list(parameters)
        self.squares = [torch.zeros_like(each) for each in self._parameters]
        # torch counts the steps of each, and needs the counts for graphs on a GPU alone
        self._steps = [torch.zeros(()) for _ in self._parameters]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move each parameter against its gradient."""
        rmsprop(
            list[Tensor](self._parameters),
            [parameter.grad for parameter in self._parameters],  # type: ignore[misc]
            self.squares,
            grad_avgs=[],
            momentum_buffer_list=[],
            state_steps=self._steps,
            lr=self.learning_rate,
            alpha=0.99,
            eps=1e-8,
            weight_decay=0.0,
            momentum=0.0,
            centered=False,
        )
