#' sce2tm: Interpretable Single-Cell Embedding by Topic Modelling
#'
#' Start with [RunSCE2TM()], read the topics with [TopicGenes()] and [TopicProportions()]. The
#' model runs in Python: [install_sce2tm()] sets it up once, [sce2tm_sitrep()] says what is wrong.
#'
#' @section Options:
#' `sce2tm.deepbind` (default `TRUE`): on Linux, let PyTorch use its own linear algebra in place of
#' R's. Without it training is up to ten times slower and can give wrong numbers.
#'
#' @keywords internal
#' @importClassesFrom Matrix CsparseMatrix dgCMatrix dMatrix generalMatrix
#' @importFrom methods as is new
#' @importFrom rlang %||% .data
"_PACKAGE"

# what lives as long as the session: the Python module of the bridge, once it is loaded
the <- new.env(parent = emptyenv())
