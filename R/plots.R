#' Draw the topics
#'
#' `PlotTopicGenes()` shows the genes that weigh most in each topic, `PlotTopicLoss()` the loss, its
#' terms and the state of the training (topics that lead no cell, updates and mass of the transport,
#' learning rate; the mass should stay at 1). Both return a ggplot, to add to. For the cells use the
#' plots of the container: `DimPlot(object, reduction = "sce2tm")`,
#' `FeaturePlot(object, "SCE2TM_3")`.
#'
#' @inheritParams TopicGenes
#' @param topics Names or numbers of the topics to show; `NULL` shows the first twelve at most.
#'
#' @return A ggplot.
#' @examples
#' if (sce2tm_available() && requireNamespace("ggplot2", quietly = TRUE)) {
#'   counts <- matrix(rpois(200 * 40, 1), 200, 40, dimnames = list(
#'     paste0("gene", 1:200), paste0("cell", 1:40)
#'   ))
#'   fit <- RunSCE2TM(counts, n.topics = 5, epochs = 2, verbose = FALSE)
#'   PlotTopicGenes(fit, n = 5)
#'   PlotTopicLoss(fit)
#' }
#' @export
PlotTopicGenes <- function(object, topics = NULL, n = 8, ...) {
  check_requires("PlotTopicGenes()", "ggplot2")
  table <- TopicGenes(object, n, ...)
  known <- levels(table$topic)
  topics <- topics %||% utils::head(known, 12)
  if (is.numeric(topics)) topics <- paste0("topic_", topics)
  absent <- setdiff(topics, known)
  if (length(absent)) {
    cli::cli_abort(c(
      "{.arg topics} names what is no topic: {.val {absent}}.",
      "i" = "There are {length(known)}: {.val {known[1]}} to {.val {known[length(known)]}}."
    ))
  }
  table <- table[table$topic %in% topics, ]
  # a gene can be among several topics: one level for each place it takes
  table$place <- factor(seq_len(nrow(table)), rev(seq_len(nrow(table))))
  ggplot2::ggplot(table, ggplot2::aes(.data$weight, .data$place)) +
    ggplot2::geom_col(fill = "#3B6FB6") +
    ggplot2::facet_wrap(ggplot2::vars(factor(.data$topic, topics)), scales = "free") +
    ggplot2::scale_x_continuous(n.breaks = 3) +
    ggplot2::scale_y_discrete(labels = stats::setNames(table$gene, table$place)) +
    ggplot2::labs(x = "weight in the topic", y = NULL) +
    ggplot2::theme_minimal()
}

#' @rdname PlotTopicGenes
#' @export
PlotTopicLoss <- function(object, ...) {
  check_requires("PlotTopicLoss()", "ggplot2")
  history <- TopicFit(object, ...)$history
  terms <- setdiff(names(history), "step")
  # may not move at all: drawn from zero on, to one at least where they count
  counts <- c("dead_topics", "transport_iterations")
  state <- c(counts, "transported_mass", "learning_rate")
  long <- data.frame(
    step = rep(history$step, length(terms)),
    term = factor(rep(terms, each = nrow(history)), terms),
    value = unlist(history[terms], use.names = FALSE)
  )
  # one value alone is no line
  draw <- if (nrow(history) == 1) ggplot2::geom_point else ggplot2::geom_line
  ggplot2::ggplot(long, ggplot2::aes(.data$step, .data$value)) +
    draw(colour = "#3B6FB6") +
    ggplot2::geom_blank(ggplot2::aes(y = 0), long[long$term %in% state, ]) +
    ggplot2::geom_blank(ggplot2::aes(y = 1), long[long$term %in% counts, ]) +
    ggplot2::facet_wrap(ggplot2::vars(.data$term), scales = "free_y") +
    ggplot2::labs(x = "step", y = NULL) +
    ggplot2::theme_minimal()
}
