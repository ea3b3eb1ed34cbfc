# Cells of a container: every method of RunSCE2TM() but that of a path ends here.
fit_topics <- function(cells, features, external, external.name, engine, verbose, ...,
                       call = rlang::caller_env()) {
  settings <- collect_settings(..., .call = call)
  external <- align_external(external, cells$cells, call)
  request <- fit_request(
    settings, call,
    genes = I(cells$genes),
    cells = I(cells$cells),
    by_gene = cells$by.gene,
    features = if (!is.null(features)) I(check_features(features, cells$genes, call)),
    external = if (!is.null(external)) external.name
  )
  if (verbose && are_stored(cells)) {
    cli::cli_inform("Reading {length(cells$cells)} cells in blocks from where they are.")
  }
  answer <- call_python(request, cells, external, engine, verbose, call)
  new_fit(answer$arrays, answer$meta, cells$cells)
}

# What Python needs to know of a fit: all that it can, NULL where it does not apply.
fit_request <- function(settings, call, ...) {
  resume <- settings$resume
  settings$checkpoint <- checkpoint_path(settings$checkpoint, resume, call)
  settings$resume <- NULL
  request <- list(
    task = "fit", settings = settings, resume = resume, path = NULL, genes = NULL, cells = NULL,
    by_gene = FALSE, features = NULL, external = NULL, external_cells = NULL
  )
  given <- list(...)
  request[names(given)] <- given
  request
}

new_fit <- function(arrays, meta, cells) {
  named <- function(array, rows, columns = NULL) {
    matrix(as.numeric(array), nrow(array), ncol(array), dimnames = list(rows, columns))
  }
  history <- as.data.frame(named(arrays$history, NULL, meta$terms))
  structure(
    list(
      latent = named(arrays$latent, cells, meta$topics),
      theta = named(arrays$theta, cells, meta$topics),
      topic_genes = named(arrays$topic_genes, meta$genes, meta$topics),
      gene_embedding = named(arrays$gene_embedding, meta$genes),
      decoder = named(arrays$decoder, meta$genes, c("scale", "shift")),
      topic_embedding = named(arrays$topic_embedding, meta$topics),
      history = history,
      params = as.list(meta$params),
      external = as.list(meta$external),
      versions = as.list(meta$versions),
      schema_version = meta$schema_version,
      model = as.raw(arrays$model)
    ),
    class = "sce2tm_fit"
  )
}

#' The fitted topic model of an object
#'
#' `TopicFit(object)` takes the results of [RunSCE2TM()] out of the container, as one plain list;
#' `TopicFit(object) <- fit` puts such a list into a container of the same cells. So results go from
#' Seurat to SingleCellExperiment and back, whose converters take the latent alone.
#'
#' @param object Seurat or SingleCellExperiment object after [RunSCE2TM()], or the list that
#'   `RunSCE2TM()` gives for a matrix.
#' @param reduction Name of the reduction (Seurat).
#' @param name Name of the reduced dimensions (SingleCellExperiment).
#' @param value What `TopicFit()` gives for an object that has these cells, in any order.
#' @param ... Not used.
#'
#' @return A list of class `sce2tm_fit`, for n cells, V modelled genes and K topics:
#'   * `latent` (n x K): what to cluster and to plot on;
#'   * `theta` (n x K): proportions of the topics, rows sum to 1;
#'   * `topic_genes` (V x K): weights of the genes in the topics;
#'   * `gene_embedding` (V x d), `topic_embedding` (K x d);
#'   * `decoder` (V x 2): scale and shift of each gene; the share of the genes in the expression of
#'     a cell is the softmax over genes of `scale * topic_genes %*% theta + shift`;
#'   * `history`: data frame of the loss and its terms, a row for each epoch, or
#'     every 50 steps or so of a longer one;
#'   * `params`, `external`, `versions`: settings (with the `layer`, or assay of a
#'     SingleCellExperiment, that was read) and provenance;
#'   * `model`: the trained model, raw bytes for [SaveTopicModel()].
#'
#'   All are plain R, so they survive `saveRDS()`. An object that lost cells since gives
#'   the rest.
#' @examples
#' if (sce2tm_available()) {
#'   counts <- matrix(rpois(200 * 40, 1), 200, 40, dimnames = list(
#'     paste0("gene", 1:200), paste0("cell", 1:40)
#'   ))
#'   fit <- RunSCE2TM(counts, n.topics = 5, epochs = 2, verbose = FALSE)
#'   fit
#'   str(TopicFit(fit)$history)
#'
#'   if (requireNamespace("SingleCellExperiment", quietly = TRUE)) {
#'     sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
#'     TopicFit(sce) <- fit
#'     TopicProportions(sce)[1:2, ]
#'   }
#' }
#' @export
TopicFit <- function(object, ...) {
  UseMethod("TopicFit")
}

#' @export
TopicFit.default <- function(object, ...) {
  cli::cli_abort(c(
    "An object of class {.cls {class(object)[1]}} holds no topic model.",
    "i" = "Give what {.fn RunSCE2TM} returned."
  ))
}

#' @rdname TopicFit
#' @export
TopicFit.sce2tm_fit <- function(object, ...) {
  object
}

#' @export
print.sce2tm_fit <- function(x, ...) {
  last <- x$history[nrow(x$history), "loss"]
  cat(
    sprintf("scE2TM fit: %d cells, %d genes, %d topics\n",
            nrow(x$theta), nrow(x$topic_genes), ncol(x$theta)),
    sprintf("  external view: %s\n", x$external$name),
    sprintf("  epochs: %d, last loss: %s\n", nrow(x$history), signif(last, 5)),
    "  TopicGenes(), TopicProportions() and GeneTopics() read it\n",
    sep = ""
  )
  invisible(x)
}

# What a container keeps beside the latent: cells may have gone since, and go here too.
keep_cells <- function(fit, cells, call = rlang::caller_env()) {
  absent <- setdiff(cells, rownames(fit$theta))
  if (length(absent)) {
    cli::cli_abort(c(
      "{length(absent)} cell{?s} {?is/are} unknown to the topic model:
       {.val {utils::head(absent, 5)}}.",
      "i" = "Cells were added or renamed since; run {.fn RunSCE2TM} on this object."
    ), call = call)
  }
  fit$theta <- fit$theta[cells, , drop = FALSE]
  fit
}
