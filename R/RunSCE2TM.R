#' Train the scE2TM topic model
#'
#' Embeds the cells and describes each as a mixture of topics, each topic as weights over genes.
#' Raw counts are normalised (library size over all genes, logarithm) by the model itself and
#' variable genes are chosen where none are given; the object's matrix is not changed, and no dense
#' copy is made. An external view of the same cells, such as the embedding of a foundation model,
#' guides the topics where one is given.
#'
#' @param object Seurat object (assays of version 4 or layers of version 5; split layers are read
#'   one after the other), SingleCellExperiment, a numeric matrix of genes x cells with names
#'   (dgCMatrix, any other of the Matrix package, dense, or in a file: HDF5Matrix, TENxMatrix,
#'   H5ADMatrix and any other DelayedMatrix), or the path of a file of cells (`.h5ad`, `.zarr`, 10x
#'   `.h5`, a folder with `matrix.mtx`, `.csv`, `.tsv`), which R itself does not read.
#' @param assay Seurat: name of the assay, `NULL` for the default assay. SingleCellExperiment: name
#'   of the assay that holds the values.
#' @param layer Layer (slot) of the assay. In a file: name of the layer, `NULL` for `X`.
#' @param features Genes to model. `NULL`: the object's variable features where it is a Seurat
#'   object that has them (a file: its column `highly_variable`), else the model chooses `n.genes`
#'   variable genes. For SingleCellExperiment also the name of a row subset, such as `"HVG"`.
#' @param external External view of the same cells: name of a reduction of the object (in a file,
#'   of an entry of `obsm`), or a numeric matrix of cells x dimensions with cell names as row names.
#'   `NULL`: none.
#' @param reduction.name Name of the reduction that receives the results.
#' @param reduction.key Prefix of the reduction's columns, `SCE2TM_1` and so on.
#' @param name Name of the reduced dimensions, and of the entry of `metadata()`, that receive the
#'   results.
#' @param linear.embedding Store the reduced dimensions as a LinearEmbeddingMatrix, which carries
#'   the gene weights along. Python converters cannot read one.
#' @param engine Where Python runs: `"reticulate"` in this session, `"process"` beside it, with the
#'   same numbers. `"auto"` is the first on Linux where it can run, else the second.
#' @param verbose Show the progress.
#' @param ... Settings of the model, such as `n.topics`, `epochs`, `seed.use`, `preset`,
#'   `n.threads`, `checkpoint` or `resume`: see [sce2tm_settings()].
#'
#' @return The object with its results; read them with [TopicGenes()], [TopicProportions()] and
#'   [GeneTopics()].
#'   * Seurat: a reduction `sce2tm`: embeddings = latent (cells x K), loadings = gene weights
#'     (modelled genes x K), topic proportions and the rest in `misc`.
#'   * SingleCellExperiment: `reducedDim(x, "SCE2TM")` = latent, everything else in
#'     `metadata(x)$SCE2TM` as plain matrices, vectors and data frames.
#'   * matrix, or path of a file: the list that [TopicFit()] describes.
#'
#' @section Cost:
#' The matrix goes to Python in blocks: 8 bytes for each non-zero value are needed there, and up to
#' as much again while they are put together. 2,800 cells take seconds to a minute on a CPU.
#'
#' @section Larger than memory:
#' A matrix in a file is read in blocks of cells, dense ones of 100 MB at most (see
#' `DelayedArray::setAutoBlockSize()`), and never as a whole: R needs a few such blocks of memory.
#' Its non-zero values go to files in [tempdir()], 8 bytes each, which Python reads in blocks;
#' `TMPDIR` says where that is. The numbers are those of the same matrix in memory. Where the cells
#' are in an `.h5ad` file anyway, its path saves the copy. Files that hold the genes one after the
#' other (`csc_matrix`) cannot be read by cells: Python then holds all non-zero values.
#'
#' @section Long runs:
#' With `checkpoint = "run.safetensors"` the training is saved every five minutes.
#' After an interrupt (Ctrl-C), a time limit, a crash or a kill, the same call with `resume = TRUE`
#' goes on from there, with the result of a run that was never stopped. Other cells or settings are
#' refused. Where a crash or a limit must leave the R session alive, say `engine = "process"`.
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
#'
#'   # a run that is saved, and goes on where it was cut off
#'   file <- tempfile(fileext = ".safetensors")
#'   fit <- RunSCE2TM(
#'     counts, n.topics = 5, epochs = 2, checkpoint = file, checkpoint.minutes = 0, verbose = FALSE
#'   )
#'   fit <- RunSCE2TM(
#'     counts, n.topics = 5, epochs = 2, checkpoint = file, resume = TRUE, verbose = FALSE
#'   )
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
