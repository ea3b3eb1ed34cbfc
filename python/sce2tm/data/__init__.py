"""Cells on their way in: sparse rows checked once, neighbours, batches, files."""
