skip_if_not_installed("SingleCellExperiment")

toy_sce <- function() {
  counts <- toy_counts()
  object <- SingleCellExperiment::SingleCellExperiment(
    list(counts = counts, logcounts = log1p(counts))
  )
  SingleCellExperiment::reducedDim(object, "VIEW") <- toy_view(counts)
  object
}

test_that("the results lie in reducedDim and metadata and equal those of the matrix", {
  skip_if_no_python()
  run <- quick_run(toy_sce())
  fit <- quick_run(toy_counts())
  embedding <- SingleCellExperiment::reducedDim(run, "SCE2TM")
  expect_true(is.matrix(embedding))
  expect_equal(embedding, fit$latent)
  stored <- S4Vectors::metadata(run)$SCE2TM
  expect_equal(class(stored), "list")
  expect_equal(stored$theta, fit$theta)
  expect_false(any(vapply(stored, is.null, NA)))
  expect_identical(numbers(run), numbers(fit))
})

test_that("a row subset, a reduced dimension and another assay serve by name", {
  skip_if_no_python()
  object <- toy_sce()
  SingleCellExperiment::rowSubset(object, "HVG") <- rownames(object)[5:60]
  run <- quick_run(object, features = "HVG", external = "VIEW", n.neighbors = 5)
  expect_setequal(rownames(TopicFit(run)$topic_genes), rownames(object)[5:60])
  expect_equal(TopicFit(run)$external$name, "VIEW")
  log <- quick_run(object, assay = "logcounts", name = "TM")
  expect_equal(TopicFit(log, name = "TM")$params$values, "lognorm")
  expect_equal(TopicFit(log, name = "TM")$params$layer, "logcounts")
})

test_that("a LinearEmbeddingMatrix is stored on request and read again", {
  skip_if_no_python()
  object <- toy_sce()
  run <- quick_run(object, linear.embedding = TRUE)
  embedding <- SingleCellExperiment::reducedDim(run, "SCE2TM")
  expect_s4_class(embedding, "LinearEmbeddingMatrix")
  expect_identical(numbers(run), numbers(quick_run(object)))
})

test_that("a DelayedMatrix in the object is read by blocks", {
  skip_if_not_installed("DelayedArray")
  skip_if_no_python()
  object <- toy_sce()
  late <- object
  SummarizedExperiment::assay(late, "counts") <- DelayedArray::DelayedArray(toy_counts())
  expect_identical(numbers(quick_run(late)), numbers(quick_run(object)))
})

test_that("results follow a subset and survive saveRDS()", {
  skip_if_no_python()
  run <- quick_run(toy_sce())
  file <- withr::local_tempfile()
  saveRDS(run, file)
  expect_identical(TopicFit(readRDS(file)), TopicFit(run))
  some <- run[, c(9, 2, 30)]
  expect_equal(TopicProportions(some), TopicProportions(run)[c(9, 2, 30), ])
})

test_that("bad names are errors that say what there is", {
  skip_if_no_python()
  object <- toy_sce()
  expect_error(quick_run(object, assay = "tpm"), "`assay` is \"tpm\".*\"counts\".*\"logcounts\"")
  expect_error(quick_run(object, external = "PCA"), "`external` is \"PCA\".*\"VIEW\"")
  colnames(object) <- NULL
  expect_error(quick_run(object), "cells \\(column names\\) have no names")
})
