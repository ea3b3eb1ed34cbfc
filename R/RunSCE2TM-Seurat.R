#' @rdname RunSCE2TM
#' @export
RunSCE2TM.Seurat <- function(object, assay = NULL, layer = "counts", features = NULL,
                             external = NULL, reduction.name = "sce2tm",
                             reduction.key = "SCE2TM_", engine = "auto", verbose = TRUE, ...) {
  check_requires("RunSCE2TM() on a Seurat object", "SeuratObject")
  call <- rlang::current_env()
  assay <- assay %||% SeuratObject::DefaultAssay(object)
  cells <- new_cells(seurat_layers(object, assay, layer, call), call)
  if (is.null(features)) {
    features <- SeuratObject::VariableFeatures(object, assay = assay)
    if (!length(features)) features <- NULL
  }
  view <- seurat_external(object, external, call)
  fit <- fit_topics(
    cells, features, view$matrix, view$name, engine, verbose, ...,
    call = call
  )
  fit$params$layer <- layer
  # layers may come in another order than the object's cells
  order <- intersect(colnames(object), cells$cells)
  object[[reduction.name]] <- as_dimreduc(fit, order, assay, reduction.key)
  object
}

seurat_external <- function(object, external, call) {
  if (!is.character(external)) {
    return(list(matrix = external, name = "external"))
  }
  check_choice(external, SeuratObject::Reductions(object), "external", call)
  list(matrix = SeuratObject::Embeddings(object[[external]]), name = external)
}

as_dimreduc <- function(fit, cells, assay, key) {
  columns <- paste0(key, seq_len(ncol(fit$latent)))
  latent <- fit$latent[cells, , drop = FALSE]
  loadings <- fit$topic_genes
  colnames(latent) <- colnames(loadings) <- columns
  rest <- unclass(fit)[setdiff(names(fit), c("latent", "topic_genes"))]
  SeuratObject::CreateDimReducObject(
    embeddings = latent, loadings = loadings, key = key, assay = assay, global = TRUE, misc = rest
  )
}

#' @rdname TopicFit
#' @export
TopicFit.Seurat <- function(object, reduction = "sce2tm", ...) {
  check_requires("TopicFit() on a Seurat object", "SeuratObject")
  if (!reduction %in% SeuratObject::Reductions(object)) {
    abort_not_run(reduction)
  }
  stored <- object[[reduction]]
  fit <- methods::slot(stored, "misc")
  if (is.null(fit$theta)) {
    abort_not_run(reduction)
  }
  fit$latent <- SeuratObject::Embeddings(stored)
  fit$topic_genes <- SeuratObject::Loadings(stored)
  as_fit(fit)
}

# A fit out of the parts that a container kept, cells as they are now.
as_fit <- function(parts, call = rlang::caller_env()) {
  topics <- colnames(parts$theta)
  colnames(parts$latent) <- colnames(parts$topic_genes) <- topics
  parts <- keep_cells(parts, rownames(parts$latent), call)
  order <- c("latent", "theta", "topic_genes")
  structure(parts[c(order, setdiff(names(parts), order))], class = "sce2tm_fit")
}

abort_not_run <- function(name, call = rlang::caller_env()) {
  cli::cli_abort(c(
    "The object holds no topic model under the name {.val {name}}.",
    "i" = "Run {.fn RunSCE2TM} on it first, or name the reduction that it wrote."
  ), call = call)
}
