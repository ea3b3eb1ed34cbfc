"""External views of the cells: embeddings made elsewhere, brought in line with the cells."""

from sce2tm.external.view import ExternalView, leading_components, resolve

__all__ = ["ExternalView", "leading_components", "resolve"]
