# The same cells and seed in a Python that R has nothing to do with.
by_python <- function(folder, cells, settings) {
  out <- run_python(folder, c(
    cells,
    sprintf("model = sce2tm.SCE2TM(%s, n_threads=1, progress=False).fit(cells)", settings),
    "model.annotate(cells)",
    "results = {'latent': cells.obsm['X_sce2tm'], 'theta': cells.obsm['sce2tm_theta'],",
    "  'topic_genes': model.topic_genes, 'gene_embedding': model.gene_embedding,",
    "  'decoder': cells[:, list(model.gene_names)].varm['sce2tm_decoder'],",
    "  'topic_embedding': model.topic_embedding, 'loss': model.history['loss']}",
    # 17 digits hold a double
    "for name, values in results.items(): np.savetxt(name, values, fmt='%.17g')"
  ), results)
  stats::setNames(out, results)
}

results <- c(
  "latent", "theta", "topic_genes", "gene_embedding", "decoder", "topic_embedding", "loss"
)

expect_same <- function(fit, python) {
  for (name in setdiff(results, "loss")) {
    expect_equal(dim(fit[[name]]), dim(python[[name]]))
    expect_lt(max(abs(fit[[name]] - python[[name]])), 1e-6)
  }
  expect_equal(fit$history$loss, as.vector(python$loss), tolerance = 1e-6)
}

test_that("both engines give Python's numbers, with an external view and settings", {
  skip_if_no_python()
  counts <- toy_counts()
  view <- toy_view(counts)
  folder <- withr::local_tempdir()
  utils::write.csv(t(as.matrix(counts)), file.path(folder, "cells.csv"))
  text <- array(sprintf("%.17g", view), dim(view), dimnames(view))
  utils::write.csv(text, file.path(folder, "view.csv"), quote = FALSE)
  python <- by_python(
    folder, "cells = sce2tm.data.readers.read('cells.csv')",
    "n_topics=4, epochs=4, batch_size=32, seed=7, tau=0.5, n_neighbors=5, external='view.csv'"
  )
  for (engine in c("reticulate", "process")) {
    fit <- quick_run(
      counts, epochs = 4, seed.use = 7, tau = 0.5, n.neighbors = 5, external = view,
      engine = engine
    )
    expect_same(fit, python)
  }
})

test_that("so they do on real cells", {
  skip_if_no_python()
  python <- by_python(
    withr::local_tempdir(), "cells = sce2tm.datasets.kang_ifnb()[::8].copy()",
    "n_topics=10, epochs=3, batch_size=32, external=None"
  )
  counts <- kang_ifnb("matrix")[, seq(1, 2800, by = 8)]
  for (engine in c("reticulate", "process")) {
    expect_same(quick_run(counts, n.topics = 10, engine = engine), python)
  }
})
