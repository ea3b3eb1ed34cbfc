#' Train the scE2TM topic model
#'
#' Embeds the cells and describes each as a mixture of topics, each topic as weights over genes.
#' Raw counts are normalised (library size over all genes, logarithm) by the model itself and
#' variable genes are chosen where none are given; the object's matrix is not changed, and no dense
#' copy is made. An external view of the same cells, such as the embedding of a foundation model,
#' guides the topics where one is given.
#'
#' @param object Seurat object (assays of version 4 or layers of version 5; split layers are read
#'   one after the other), SingleCellExperiment, or a numeric matrix of genes x cells with names
#'   (dgCMatrix, any other of the Matrix package, DelayedMatrix, dense).
#' @param assay Seurat: name of the assay, `NULL` for the default assay. SingleCellExperiment: name
#'   of the assay that holds the values.
#' @param layer Layer (slot) of the assay.
#' @param features Genes to model. `NULL`: the object's variable features where it is a Seurat
#'   object that has them, else the model chooses `n.genes` variable genes. For
#'   SingleCellExperiment also the name of a row subset, such as `"HVG"`.
#' @param external External view of the same cells: name of a reduction of the object, or a numeric
#'   matrix of cells x dimensions with cell names as row names. `NULL`: none.
#' @param reduction.name Name of the reduction that receives the results.
#' @param reduction.key Prefix of the reduction's columns, `SCE2TM_1` and so on.
#' @param name Name of the reduced dimensions, and of the entry of `metadata()`, that receive the
#'   results.
#' @param linear.embedding Store the reduced dimensions as a LinearEmbeddingMatrix, which carries
#'   the gene weights along. Python converters cannot read one.
#' @param engine Where Python runs: `"reticulate"` in this session, `"process"` beside it, with the
#'   same numbers. `"auto"` is the first on Linux where it can run, else the second.
#' @param verbose Show the progress.
#' @param ... Settings of the model, such as `n.topics`, `epochs`, `seed.use`, `preset` or
#'   `n.threads`: see [sce2tm_settings()].
#'
#' @return The object with its results; read them with [TopicGenes()], [TopicProportions()] and
#'   [GeneTopics()].
#'   * Seurat: a reduction `sce2tm`: embeddings = latent (cells x K), loadings = gene weights
#'     (modelled genes x K), topic proportions and the rest in `misc`.
#'   * SingleCellExperiment: `reducedDim(x, "SCE2TM")` = latent, everything else in
#'     `metadata(x)$SCE2TM` as plain matrices, vectors and data frames.
#'   * matrix: the list that [TopicFit()] describes.
#'
#' @section Cost:
#' The matrix goes to Python in blocks: 8 bytes for each non-zero value are needed there, and up to
#' as much again while they are put together. 2,800 cells take seconds to a minute on a CPU.
#'
#' @section Errors:
#' Python's errors arrive as R conditions of class `sce2tm_<PythonClass>` and
#' `sce2tm_python_error`, its warnings as warnings. Where Python is missing the error has
#' class `sce2tm_no_python` and says what to do.
#'
#' @references Chen H., Lu Y., Dai Z., Wang F. L., Li Q., Rao Y.: scE2TM: Toward Interpretable
#'   Single-Cell Embedding via Topic Modeling.
#' @seealso [TopicFit()], [sce2tm_settings()], [install_sce2tm()]
#' @examples
#' if (sce2tm_available()) {
#'   counts <- Matrix::rsparsematrix(200, 60, 0.2, rand.x = function(n) rpois(n, 2) + 1)
#'   dimnames(counts) <- list(paste0("gene", 1:200), paste0("cell", 1:60))
#'   fit <- RunSCE2TM(counts, n.topics = 5, epochs = 2, verbose = FALSE)
#'   TopicGenes(fit, n = 3)
#' }
#' @export
RunSCE2TM <- function(object, ...) {
  UseMethod("RunSCE2TM")
}

#' @rdname RunSCE2TM
#' @export
RunSCE2TM.default <- function(object, features = NULL, external = NULL, engine = "auto",
                              verbose = TRUE, ...) {
  call <- rlang::current_env()
  cells <- new_cells(list(object), call)
  fit_topics(cells, features, external, "external", engine, verbose, ..., call = call)
}
