"""What goes wrong, by kind: a caller can catch one class and knows what it means.

Every message names the argument, shows the value and says what to do.
"""


class SCE2TMError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(SCE2TMError, ValueError):
    """An argument or the data cannot be used as given."""


class NotFittedError(SCE2TMError, RuntimeError):
    """The model has to be fitted or loaded first."""


class ModelFileError(SCE2TMError, ValueError):
    """A saved model is cut short, is of another version or is no model at all."""


class DeviceError(SCE2TMError, RuntimeError):
    """The device that was asked for is absent, or its memory is full."""
