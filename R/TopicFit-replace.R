#' @rdname TopicFit
#' @export
`TopicFit<-` <- function(object, ..., value) {
  UseMethod("TopicFit<-")
}

#' @export
`TopicFit<-.default` <- function(object, ..., value) {
  cli::cli_abort(c(
    "An object of class {.cls {class(object)[1]}} cannot hold a topic model.",
    "i" = "Give a Seurat or SingleCellExperiment object."
  ))
}

#' @rdname TopicFit
#' @export
`TopicFit<-.Seurat` <- function(object, reduction = "sce2tm", ..., value) {
  check_requires("TopicFit() on a Seurat object", "SeuratObject")
  fit <- fit_for(object, value)
  assay <- SeuratObject::DefaultAssay(object)
  object[[reduction]] <- as_dimreduc(fit, colnames(object), assay, "SCE2TM_")
  object
}

#' @rdname TopicFit
#' @export
`TopicFit<-.SingleCellExperiment` <- function(object, # nolint: object_length_linter.
                                              name = "SCE2TM", ..., value) {
  check_requires("TopicFit() on a SingleCellExperiment", "SingleCellExperiment")
  store_in_sce(object, fit_for(object, value), name, linear.embedding = FALSE)
}

# A fit with the cells of the object that is to hold it.
fit_for <- function(object, fit, call = rlang::caller_env()) {
  if (!inherits(fit, "sce2tm_fit")) {
    cli::cli_abort(c(
      "{.arg value} is of class {.cls {class(fit)[1]}}, no topic model.",
      "i" = "Give what {.fn TopicFit} takes out of an object after {.fn RunSCE2TM}."
    ), call = call)
  }
  fit <- keep_cells(fit, colnames(object), call)
  fit$latent <- fit$latent[colnames(object), , drop = FALSE]
  fit
}
