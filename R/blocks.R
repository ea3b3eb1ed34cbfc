# Cells of one pass: each goes to Python on its own, so no more than this is ever copied in R.
block_size <- 5000L

# Walks over the cells of all layers in blocks. `use` gets the non-zero values, the gene of each
# (from 0) and how many each cell has: the slots of a dgCMatrix, neither transposed nor joined.
each_block <- function(cells, use) {
  for (layer in cells$layers) {
    place <- if (!identical(rownames(layer), cells$genes)) match(rownames(layer), cells$genes) - 1L
    for (first in seq(1, ncol(layer), by = block_size)) {
      last <- min(first + block_size - 1, ncol(layer))
      block <- as_compressed(layer[, first:last, drop = FALSE])
      genes <- if (is.null(place)) block@i else place[block@i + 1L]
      use(block@x, genes, diff(block@p))
    }
  }
}

# Any block of numbers as a dgCMatrix. Other matrix-likes (DelayedMatrix) know no other way.
as_compressed <- function(block) {
  if (!is.matrix(block) && !is(block, "Matrix")) {
    block <- as(block, "dgCMatrix")
  }
  as(as(as(block, "dMatrix"), "generalMatrix"), "CsparseMatrix")
}
