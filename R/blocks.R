# Cells of one pass: each goes to Python on its own, so no more than this is ever copied in R.
block_size <- 5000L

# Walks over the cells of all layers in blocks. `use` gets the non-zero values, the gene of each
# (from 0) and how many each cell has: the slots of a dgCMatrix, neither transposed nor joined.
each_block <- function(cells, use) {
  for (layer in cells$layers) {
    place <- if (!identical(rownames(layer), cells$genes)) match(rownames(layer), cells$genes) - 1L
    size <- cells_at_once(layer)
    for (first in seq(1, ncol(layer), by = size)) {
      last <- min(first + size - 1, ncol(layer))
      block <- read_columns(layer, first, last)
      genes <- if (is.null(place)) block@i else place[block@i + 1L]
      use(block@x, genes, diff(block@p))
    }
  }
}

# A block that may be dense is bounded in bytes: by 100 MB, or by DelayedArray's setting.
cells_at_once <- function(layer) {
  if (is(layer, "Matrix") && !is(layer, "denseMatrix")) {
    return(block_size)
  }
  bytes <- if (is(layer, "DelayedArray")) DelayedArray::getAutoBlockSize() else 1e8
  max(1, min(block_size, bytes %/% (8 * nrow(layer))))
}

read_columns <- function(layer, first, last) {
  what <- sprintf("Columns %.0f to %.0f", first, last)
  while_reading(layer, what, as_compressed(layer[, first:last, drop = FALSE]))
}

# An error while something of a matrix is read, with the matrix named: its file may be gone.
while_reading <- function(layer, what, code, call = NULL) {
  tryCatch(code, error = function(error) {
    cli::cli_abort(c(
      "{what} of the {.cls {class(layer)[1]}} of genes x cells cannot be read.",
      "x" = "{conditionMessage(error)}",
      "i" = if (!is_in_memory(layer)) {
        "The files that it reads must stay where they were, whole, as long as it is used."
      }
    ), call = call)
  })
}

# Any block of numbers as a dgCMatrix. A block of a dense file is dense, but no more than a block.
as_compressed <- function(block) {
  if (is(block, "DelayedArray") && !DelayedArray::is_sparse(block)) {
    block <- as.matrix(block)
  } else if (!is_in_memory(block)) {
    block <- as(block, "dgCMatrix")
  }
  # sparse first: what follows copies no zeros
  as(as(as(block, "CsparseMatrix"), "dMatrix"), "generalMatrix")
}

is_in_memory <- function(layer) is.matrix(layer) || is(layer, "Matrix")
