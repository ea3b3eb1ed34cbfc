#' Read the topics
#'
#' `TopicGenes()` lists the genes that weigh most in each topic, `TopicProportions()` gives the
#' mixture of topics in each cell, `GeneTopics()` the weights of chosen genes over the topics.
#'
#' @param object Seurat or SingleCellExperiment object after [RunSCE2TM()], or the list that
#'   `RunSCE2TM()` gives for a matrix.
#' @param n Number of genes for each topic.
#' @param genes Names of genes that the model knows.
#' @param ... `reduction` (Seurat) or `name` (SingleCellExperiment) where the results have another
#'   name than the default; see [TopicFit()].
#'
#' @return
#'   * `TopicGenes()`: data frame, K times n rows: `topic` (factor), `rank` (1 is the highest),
#'     `gene`, `weight`.
#'   * `TopicProportions()`: matrix, cells x topics, rows sum to 1.
#'   * `GeneTopics()`: matrix, genes x topics.
#'
#'   Weights of a gene say how its part in the topics compares; they are those of the
#'   `topic_genes` of [TopicFit()].
#' @examples
#' if (sce2tm_available()) {
#'   counts <- matrix(rpois(200 * 40, 1), 200, 40, dimnames = list(
#'     paste0("gene", 1:200), paste0("cell", 1:40)
#'   ))
#'   fit <- RunSCE2TM(counts, n.topics = 5, epochs = 2, verbose = FALSE)
#'   head(TopicGenes(fit, n = 3))
#'   TopicProportions(fit)[1:2, ]
#'   GeneTopics(fit, c("gene1", "gene7"))
#' }
#' @export
TopicGenes <- function(object, n = 10, ...) {
  weights <- TopicFit(object, ...)$topic_genes
  if (!is.numeric(n) || length(n) != 1 || is.na(n) || n < 1) {
    cli::cli_abort(c("{.arg n} is {.val {n}}.", "i" = "Give a number of genes, 1 or more."))
  }
  n <- min(n, nrow(weights))
  one <- function(topic) {
    top <- utils::head(order(weights[, topic], decreasing = TRUE), n)
    data.frame(
      topic = factor(topic, colnames(weights)), rank = seq_len(n),
      gene = rownames(weights)[top], weight = unname(weights[top, topic])
    )
  }
  do.call(rbind, lapply(colnames(weights), one))
}

#' @rdname TopicGenes
#' @export
TopicProportions <- function(object, ...) {
  TopicFit(object, ...)$theta
}

#' @rdname TopicGenes
#' @export
GeneTopics <- function(object, genes, ...) {
  weights <- TopicFit(object, ...)$topic_genes
  absent <- setdiff(genes, rownames(weights))
  if (length(absent)) {
    cli::cli_abort(c(
      "{length(absent)} of {length(genes)} gene{?s} {?is/are} not among the
       {nrow(weights)} that the model knows: {.val {utils::head(absent, 5)}}.",
      "i" = "{.code rownames(TopicFit(object)$topic_genes)} lists them."
    ))
  }
  weights[genes, , drop = FALSE]
}

#' Write the trained model to a file
#'
#' One safetensors file, which Python (`sce2tm.SCE2TM.load`) and the command line
#' (`sce2tm transform`) read, for instance to place new cells among the topics.
#'
#' @inheritParams TopicGenes
#' @param file Path of the file to write; an existing file is replaced.
#'
#' @return `file`, invisibly.
#' @examples
#' if (sce2tm_available()) {
#'   counts <- matrix(rpois(200 * 40, 1), 200, 40, dimnames = list(
#'     paste0("gene", 1:200), paste0("cell", 1:40)
#'   ))
#'   fit <- RunSCE2TM(counts, n.topics = 5, epochs = 2, verbose = FALSE)
#'   SaveTopicModel(fit, tempfile(fileext = ".safetensors"))
#' }
#' @export
SaveTopicModel <- function(object, file, ...) {
  model <- TopicFit(object, ...)$model
  if (is.null(model)) {
    cli::cli_abort(c(
      "These results came from Python, without the trained model.",
      "i" = "Say {.code model.save(path)} there."
    ))
  }
  writeBin(model, file)
  invisible(file)
}
