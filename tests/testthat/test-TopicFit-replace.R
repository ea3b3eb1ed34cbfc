skip_if_not_installed("SingleCellExperiment")
skip_if_not_installed("SeuratObject")

containers <- function(counts) {
  list(
    SingleCellExperiment::SingleCellExperiment(list(counts = counts)),
    SeuratObject::CreateSeuratObject(counts)
  )
}

test_that("a fit goes into every container and comes out as it was", {
  skip_if_no_python()
  counts <- toy_counts()
  fit <- quick_run(counts)
  for (object in containers(counts)) {
    TopicFit(object) <- fit
    expect_equal(TopicFit(object), fit)
    run <- quick_run(object)
    expect_identical(numbers(object), numbers(run))
  }
})

test_that("the cells are those of the container, in its order", {
  skip_if_no_python()
  counts <- toy_counts()
  fit <- quick_run(counts)
  some <- c(9, 2, 30)
  for (object in containers(counts[, some])) {
    TopicFit(object) <- fit
    expect_equal(TopicProportions(object), fit$theta[some, ])
    expect_equal(TopicFit(object)$latent, fit$latent[some, ])
  }
})

test_that("Seurat's converters lose the topics, and the assignment brings them back", {
  skip_if_not_installed("Seurat")
  skip_if_no_python()
  object <- quick_run(suppressWarnings(Seurat::NormalizeData(
    SeuratObject::CreateSeuratObject(toy_counts()), verbose = FALSE
  )))
  sce <- Seurat::as.SingleCellExperiment(object)
  expect_error(TopicFit(sce), "no topic model under the name \"SCE2TM\"")
  TopicFit(sce) <- TopicFit(object)
  expect_identical(TopicFit(sce), TopicFit(object))
  back <- suppressWarnings(Seurat::as.Seurat(sce))
  TopicFit(back) <- TopicFit(sce)
  expect_identical(TopicFit(back), TopicFit(object))
})

test_that("what is no fit, no container or of other cells is an error", {
  skip_if_no_python()
  counts <- toy_counts()
  object <- containers(counts)[[1]]
  expect_error(TopicFit(object) <- list(), "`value` is of class <list>, no topic model")
  table <- data.frame()
  fit <- quick_run(counts[, 1:30])
  expect_error(TopicFit(table) <- fit, "class <data.frame> cannot hold a topic model")
  expect_error(TopicFit(object) <- fit, "30 cells are unknown to the topic model")
})
