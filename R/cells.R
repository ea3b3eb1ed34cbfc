# What every container is taken apart into: layers (genes x cells, one or several), the names of
# all genes and cells in the order in which they go to Python, and how a file holds them.
new_cells <- function(layers, call) {
  lapply(layers, check_layer, call = call)
  cells <- unlist(lapply(layers, colnames), use.names = FALSE)
  genes <- Reduce(union, lapply(layers, rownames))
  check_unique(cells, "cell", call)
  list(layers = layers, genes = genes, cells = cells, by.gene = is_by_gene(layers))
}

check_layer <- function(layer, call) {
  check_readable(layer, call)
  if (length(dim(layer)) != 2) {
    cli::cli_abort(c(
      "Expected a matrix of genes x cells, got {.cls {class(layer)[1]}}.",
      "i" = "Give a Seurat or SingleCellExperiment object, a numeric matrix, dense or sparse, or
             the path of a file."
    ), call = call)
  }
  if (!while_reading(layer, "The type", holds_numbers(layer), call)) {
    cli::cli_abort(c(
      "The matrix of genes x cells holds no numbers ({.cls {class(layer)[1]}}).",
      "i" = "Give a numeric matrix, for a data frame {.code as.matrix(x)}."
    ), call = call)
  }
  if (min(dim(layer)) == 0) {
    cli::cli_abort(c(
      "The matrix is empty: {nrow(layer)} gene{?s} x {ncol(layer)} cell{?s}.",
      "i" = "Another {.arg layer} or {.arg assay} may hold the counts."
    ), call = call)
  }
  names <- while_reading(layer, "The names", dimnames(layer), call)
  if (is.null(names[[1]]) || is.null(names[[2]])) {
    side <- if (is.null(names[[1]])) "genes (row names)" else "cells (column names)"
    cli::cli_abort(c(
      "The {side} have no names.",
      "i" = "Name both, for instance
             {.code colnames(x) <- paste0(\"cell_\", seq_len(ncol(x)))}."
    ), call = call)
  }
  check_unique(names[[1]], "gene", call)
}

holds_numbers <- function(layer) {
  if (is(layer, "DelayedArray")) {
    return(DelayedArray::type(layer) %in% c("logical", "integer", "double"))
  }
  !is.data.frame(layer) && (!is.matrix(layer) || is.numeric(layer) || is.logical(layer))
}

# The packages that a matrix in a file needs, down to the one that opens the file.
check_readable <- function(layer, call) {
  home <- function(x) attr(class(x), "package")
  needs <- function(packages) {
    packages <- setdiff(packages, ".GlobalEnv")
    check_requires(sprintf("Reading a <%s>", class(layer)[1]), packages, call)
  }
  needs(home(layer))
  if (is(layer, "DelayedArray")) {
    needs(unlist(DelayedArray::seedApply(layer, home)))
  }
}

check_unique <- function(names, what, call) {
  again <- unique(names[duplicated(names)])
  if (length(again)) {
    cli::cli_abort(c(
      "{length(again)} {what} name{?s} {?is/are} there more than once:
       {.val {utils::head(again, 5)}}.",
      "i" = "Make them unique, for instance with {.fn make.unique}."
    ), call = call)
  }
}

# The genes to model, checked against the genes that are there.
check_features <- function(features, genes, call) {
  if (is.null(features)) {
    return(NULL)
  }
  absent <- setdiff(features, genes)
  if (!is.character(features) || length(absent)) {
    cli::cli_abort(c(
      "{length(absent)} of {length(features)} {.arg features} {?is/are} no gene{?s} of this object:
       {.val {utils::head(absent, 5)}}.",
      "i" = "Give names from {.code rownames(object)}."
    ), call = call)
  }
  features
}

# The external view in the order of the cells, from a matrix with cell names as row names.
align_external <- function(external, cells, call) {
  if (is.null(external)) {
    return(NULL)
  }
  external <- external_matrix(external, call)
  absent <- setdiff(cells, rownames(external))
  if (length(absent)) {
    cli::cli_abort(c(
      "{.arg external} ({nrow(external)} x {ncol(external)}) lacks {length(absent)} of
       {length(cells)} cells: {.val {utils::head(absent, 5)}}.",
      "i" = "Its row names must be the names of the cells."
    ), call = call)
  }
  check_unique(rownames(external), "cell", call)
  unname(external[cells, , drop = FALSE])
}

external_matrix <- function(external, call) {
  external <- as.matrix(external)
  if (!is.numeric(external)) {
    cli::cli_abort(c(
      "{.arg external} holds {.cls {typeof(external)}}, no numbers.",
      "i" = "Give a numeric matrix of cells x dimensions."
    ), call = call)
  }
  storage.mode(external) <- "double"
  external
}
