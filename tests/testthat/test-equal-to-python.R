# The same cells and seed in a Python that R has nothing to do with.
by_python <- function(counts, settings, view = NULL) {
  folder <- withr::local_tempdir()
  utils::write.csv(t(as.matrix(counts)), file.path(folder, "cells.csv"))
  external <- "None"
  if (!is.null(view)) {
    external <- "'view.csv'"
    # 17 digits hold a double
    text <- array(sprintf("%.17g", view), dim(view), dimnames(view))
    utils::write.csv(text, file.path(folder, "view.csv"), quote = FALSE)
  }
  names <- c("X_sce2tm", "sce2tm_theta", "sce2tm_topic_genes", "sce2tm_gene_embedding")
  out <- run_python(folder, c(
    sprintf("model = sce2tm.SCE2TM(%s, external=%s, progress=False)", settings, external),
    "cells = sce2tm.data.readers.read('cells.csv')",
    "model.fit(cells).annotate(cells)",
    "np.savetxt('1', cells.obsm['X_sce2tm'], fmt='%.17g')",
    "np.savetxt('2', cells.obsm['sce2tm_theta'], fmt='%.17g')",
    "np.savetxt('3', cells.varm['sce2tm_topic_genes'], fmt='%.17g')",
    "np.savetxt('4', cells.varm['sce2tm_gene_embedding'], fmt='%.17g')",
    "np.savetxt('5', model.history['loss'], fmt='%.17g')"
  ), as.character(1:5))
  stats::setNames(out, c(names, "loss"))
}

expect_same <- function(fit, python) {
  expect_equal(unname(fit$latent), python$X_sce2tm, tolerance = 1e-6)
  expect_equal(unname(fit$theta), python$sce2tm_theta, tolerance = 1e-6)
  expect_equal(unname(fit$topic_genes), python$sce2tm_topic_genes, tolerance = 1e-6)
  expect_equal(unname(fit$gene_embedding), python$sce2tm_gene_embedding, tolerance = 1e-6)
  expect_equal(fit$history$loss, as.vector(python$loss), tolerance = 1e-6)
}

test_that("both engines give Python's numbers", {
  skip_if_no_python()
  counts <- toy_counts()
  python <- by_python(
    counts, "n_topics=4, epochs=5, batch_size=32, seed=7, tau=0.5, n_threads=1"
  )
  for (engine in c("reticulate", "process")) {
    expect_same(quick_run(counts, epochs = 5, seed.use = 7, tau = 0.5, engine = engine), python)
  }
})

test_that("so they do with an external view", {
  skip_if_no_python()
  counts <- toy_counts()
  view <- toy_view(counts)
  python <- by_python(
    counts, "n_topics=4, epochs=3, batch_size=32, n_neighbors=5, n_threads=1", view
  )
  for (engine in c("reticulate", "process")) {
    expect_same(quick_run(counts, external = view, n.neighbors = 5, engine = engine), python)
  }
})

test_that("so they do on real cells", {
  skip_if_no_python()
  counts <- kang_ifnb("matrix")[, seq(1, 2800, by = 8)]
  expect_equal(
    numbers(quick_run(counts, n.topics = 10)),
    numbers(quick_run(counts, n.topics = 10, engine = "process")),
    tolerance = 1e-6
  )
})
