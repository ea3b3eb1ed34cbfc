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

# What may be dense is bounded by its size: 100 MB, or DelayedArray's own setting of it.
cells_at_once <- function(layer) {
  if (is(layer, "DelayedArray")) {
    min(block_size, ncol(DelayedArray::colAutoGrid(layer)[[1L]]))
  } else if (is.matrix(layer)) {
    max(1, min(block_size, 1e8 %/% (8 * nrow(layer))))
  } else {
    block_size
  }
}

read_columns <- function(layer, first, last) {
  tryCatch(as_compressed(layer[, first:last, drop = FALSE]), error = function(error) {
    cli::cli_abort(c(
      "Columns {first} to {last} of the {.cls {class(layer)[1]}} of genes x cells cannot be read.",
      "x" = "{conditionMessage(error)}",
      "i" = if (!is_in_memory(layer)) {
        "The files that it reads must stay where they were, whole, as long as it is used."
      }
    ), call = NULL)
  })
}

# Any block of numbers as a dgCMatrix. A block of a dense file is dense, but no more than a block.
as_compressed <- function(block) {
  if (is(block, "DelayedArray") && !DelayedArray::is_sparse(block)) {
    block <- as.matrix(block)
  } else if (!is_in_memory(block)) {
    block <- as(block, "dgCMatrix")
  }
  as(as(as(block, "dMatrix"), "generalMatrix"), "CsparseMatrix")
}

is_in_memory <- function(layer) is.matrix(layer) || is(layer, "Matrix")
