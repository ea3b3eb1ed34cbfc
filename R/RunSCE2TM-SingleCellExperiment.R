#' @rdname RunSCE2TM
#' @export
RunSCE2TM.SingleCellExperiment <- function(object, assay = "counts", features = NULL,
                                           external = NULL, name = "SCE2TM",
                                           linear.embedding = FALSE, engine = "auto",
                                           verbose = TRUE, ...) {
  check_requires("RunSCE2TM() on a SingleCellExperiment", "SingleCellExperiment")
  call <- rlang::current_env()
  check_choice(assay, SummarizedExperiment::assayNames(object), "assay", call)
  values <- SummarizedExperiment::assay(object, assay, withDimnames = FALSE)
  dimnames(values) <- dimnames(object)
  cells <- new_cells(list(values), call)
  features <- row_subset(object, features)
  view <- sce_external(object, external, call)
  fit <- fit_topics(
    cells, features, view$matrix, view$name, engine, verbose, ...,
    call = call
  )
  fit$params$layer <- assay
  store_in_sce(object, fit, name, linear.embedding)
}

# Genes by name, or by the name of a row subset.
row_subset <- function(object, features) {
  kept <- SummarizedExperiment::rowData(object)
  if (length(features) == 1 && is.logical(kept[[features]])) {
    return(rownames(object)[which(kept[[features]])])
  }
  features
}

sce_external <- function(object, external, call) {
  if (!is.character(external)) {
    return(list(matrix = external, name = "external"))
  }
  check_choice(external, SingleCellExperiment::reducedDimNames(object), "external", call)
  view <- as.matrix(SingleCellExperiment::reducedDim(object, external))
  rownames(view) <- colnames(object)
  list(matrix = view, name = external)
}

store_in_sce <- function(object, fit, name, linear.embedding) {
  latent <- fit$latent
  if (linear.embedding) {
    latent <- SingleCellExperiment::LinearEmbeddingMatrix(
      sampleFactors = fit$latent, featureLoadings = fit$topic_genes
    )
  }
  SingleCellExperiment::reducedDim(object, name) <- latent
  S4Vectors::metadata(object)[[name]] <- unclass(fit)[setdiff(names(fit), "latent")]
  object
}

#' @rdname TopicFit
#' @export
TopicFit.SingleCellExperiment <- function(object, name = "SCE2TM", ...) {
  check_requires("TopicFit() on a SingleCellExperiment", "SingleCellExperiment")
  fit <- S4Vectors::metadata(object)[[name]]
  if (is.null(fit) || !name %in% SingleCellExperiment::reducedDimNames(object)) {
    abort_not_run(name)
  }
  latent <- SingleCellExperiment::reducedDim(object, name)
  if (is(latent, "LinearEmbeddingMatrix")) {
    latent <- SingleCellExperiment::sampleFactors(latent)
  }
  fit$latent <- as.matrix(latent)
  rownames(fit$latent) <- colnames(object)
  as_fit(fit)
}
