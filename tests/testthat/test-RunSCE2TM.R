test_that("a matrix gives a plain list of the right shapes", {
  skip_if_no_python()
  counts <- toy_counts()
  fit <- quick_run(counts)
  expect_s3_class(fit, "sce2tm_fit")
  expect_equal(dimnames(fit$latent), list(colnames(counts), paste0("topic_", 1:4)))
  expect_equal(dimnames(fit$theta), dimnames(fit$latent))
  expect_equal(unname(rowSums(fit$theta)), rep(1, 60), tolerance = 1e-6)
  expect_equal(dimnames(fit$topic_genes), list(rownames(counts), paste0("topic_", 1:4)))
  expect_equal(nrow(fit$gene_embedding), 120)
  expect_equal(dimnames(fit$decoder), list(rownames(counts), c("scale", "shift")))
  expect_equal(rownames(fit$topic_embedding), paste0("topic_", 1:4))
  expect_equal(nrow(fit$history), 3)
  terms <- c("reconstruction", "kl", "ecr", "distance")
  expect_equal(rowSums(fit$history[terms]), fit$history$loss, ignore_attr = TRUE)
  expect_equal(fit$params$n_topics, 4)
  expect_equal(fit$external$name, "none")
  expect_type(fit$model, "raw")
  expect_output(print(fit), "60 cells, 120 genes, 4 topics")
})

test_that("planted groups of cells come out, with their genes", {
  skip_if_no_python()
  counts <- toy_counts(n_cells = 150)
  fit <- quick_run(counts, n.topics = 6, epochs = 60)
  groups <- withr::with_seed(1, stats::kmeans(fit$latent, 3, nstart = 10)$cluster)
  expect_equal(sum(table(groups, rep_len(1:3, 150)) > 0), 3)
  top <- TopicGenes(fit, n = 10)
  planted <- (as.integer(sub("gene", "", top$gene)) - 1) %% 3
  purity <- tapply(planted, top$topic, function(g) max(table(g)) / length(g))
  expect_gt(mean(purity), 0.8)
})

test_that("dense and sparse matrices, small blocks and large, give the same", {
  skip_if_no_python()
  counts <- toy_counts()
  fit <- quick_run(counts)
  expect_equal(numbers(quick_run(as.matrix(counts))), numbers(fit))
  local_mocked_blocks(7L)
  expect_equal(numbers(quick_run(counts)), numbers(fit))
  expect_equal(numbers(quick_run(counts, engine = "process")), numbers(fit))
})

test_that("features are the genes of the model", {
  skip_if_no_python()
  counts <- toy_counts()
  chosen <- rownames(counts)[c(50, 3:40)]
  fit <- quick_run(counts, features = chosen)
  expect_setequal(rownames(fit$topic_genes), chosen)
  expect_equal(dim(quick_run(counts, n.genes = 30)$topic_genes), c(30, 4))
})

test_that("the same seed gives the same, another another, and R's stays where it was", {
  skip_if_no_python()
  counts <- toy_counts()
  fits <- withr::with_seed(5, {
    before <- .Random.seed
    fits <- lapply(c("reticulate", "reticulate", "process"), function(engine) {
      numbers(quick_run(counts, seed.use = 3, engine = engine))
    })
    expect_identical(.Random.seed, before)
    fits
  })
  expect_identical(fits[[2]], fits[[1]])
  expect_equal(fits[[3]], fits[[1]], tolerance = 1e-6)
  expect_false(identical(numbers(quick_run(counts, seed.use = 4)), fits[[1]]))
})

test_that("the object's matrix is not changed", {
  skip_if_no_python()
  counts <- toy_counts()
  before <- list(counts@x + 0, counts@i + 0L, counts@p + 0L)
  quick_run(counts)
  expect_identical(list(counts@x, counts@i, counts@p), before)
})

test_that("an external view is aligned by the names of the cells", {
  skip_if_no_python()
  counts <- toy_counts()
  view <- toy_view(counts)
  fit <- quick_run(counts, external = view, n.neighbors = 5)
  expect_equal(fit$external, list(name = "external", width = 6L))
  expect_true("consistency" %in% names(fit$history))
  turned <- quick_run(counts, external = view[rev(rownames(view)), ], n.neighbors = 5)
  expect_identical(numbers(turned), numbers(fit))
})
