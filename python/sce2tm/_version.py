"""The version, in one place that the installed package and the sources share."""

__version__ = "0.1.0"
