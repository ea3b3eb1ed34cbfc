# Counts of genes x cells with three planted groups of cells and of genes.
toy_counts <- function(n_genes = 120, n_cells = 60, seed = 1) {
  withr::with_seed(seed, {
    same <- outer(rep_len(1:3, n_genes), rep_len(1:3, n_cells), "==")
    values <- stats::rpois(n_genes * n_cells, ifelse(same, 4, 0.4))
  })
  dims <- list(paste0("gene", seq_len(n_genes)), paste0("cell", seq_len(n_cells)))
  as_compressed(matrix(values, n_genes, n_cells, dimnames = dims))
}

# A view of the toy cells in which the same groups are far apart.
toy_view <- function(counts, width = 6) {
  withr::with_seed(2, {
    noise <- matrix(stats::rnorm(ncol(counts) * width), ncol(counts), width)
  })
  noise[cbind(seq_len(ncol(counts)), rep_len(1:3, ncol(counts)))] <- 8
  rownames(noise) <- colnames(counts)
  noise
}

# The shortest training that still is one.
quick_run <- function(object, ..., n.topics = 4, epochs = 3, engine = "reticulate",
                      verbose = FALSE) {
  RunSCE2TM(object, ...,
    n.topics = n.topics, epochs = epochs, batch.size = 32, n.threads = 1,
    engine = engine, verbose = verbose
  )
}

# The arrays that must be the same whatever the way.
numbers <- function(fit) {
  fit <- TopicFit(fit)
  fit[c(
    "latent", "theta", "topic_genes", "gene_embedding", "decoder", "topic_embedding", "history"
  )]
}
