made_up <- function() {
  weights <- matrix(
    c(0.7, 0.1, 0.2, 0.3, 0.9, 0.8), 3, 2,
    dimnames = list(c("a", "b", "c"), c("topic_1", "topic_2"))
  )
  theta <- matrix(c(0.4, 0.6), 1, 2, dimnames = list("cell", colnames(weights)))
  history <- data.frame(step = 1:3, loss = c(3, 2, 1), kl = c(3, 2, 1))
  structure(
    list(latent = theta, theta = theta, topic_genes = weights, history = history,
         model = as.raw(1:5)),
    class = "sce2tm_fit"
  )
}

test_that("TopicGenes() ranks the genes of each topic", {
  top <- TopicGenes(made_up(), n = 2)
  expect_equal(names(top), c("topic", "rank", "gene", "weight"))
  expect_equal(as.character(top$topic), rep(c("topic_1", "topic_2"), each = 2))
  expect_equal(top$rank, c(1, 2, 1, 2))
  expect_equal(top$gene, c("a", "c", "b", "c"))
  expect_equal(top$weight, c(0.7, 0.2, 0.9, 0.8))
  expect_equal(nrow(TopicGenes(made_up(), n = 99)), 6)
  expect_error(TopicGenes(made_up(), n = 0), "`n` is 0.*1 or more")
})

test_that("GeneTopics() gives the rows asked for, TopicProportions() theta", {
  fit <- made_up()
  expect_equal(GeneTopics(fit, c("c", "a")), fit$topic_genes[c("c", "a"), ])
  expect_equal(TopicProportions(fit), fit$theta)
  expect_error(GeneTopics(fit, c("a", "x", "y")), "2 of 3 genes are not among the.*\"x\".*\"y\"")
})

test_that("an object without a model says so", {
  expect_error(TopicGenes(1:3), "class <integer> holds no topic model.*RunSCE2TM")
})

test_that("SaveTopicModel() writes the bytes", {
  file <- withr::local_tempfile()
  expect_equal(SaveTopicModel(made_up(), file), file)
  expect_equal(readBin(file, "raw", 99), as.raw(1:5))
  without <- made_up()
  without$model <- NULL
  expect_error(SaveTopicModel(without, file), "without the trained model")
})

test_that("the saved model places cells in Python as it did in R", {
  skip_if_no_python()
  counts <- toy_counts()
  fit <- quick_run(counts)
  folder <- withr::local_tempdir()
  SaveTopicModel(fit, file.path(folder, "model.safetensors"))
  utils::write.csv(t(as.matrix(counts)), file.path(folder, "cells.csv"))
  latent <- run_python(folder, c(
    "model = sce2tm.SCE2TM.load('model.safetensors')",
    "np.savetxt('latent.txt', model.transform('cells.csv').latent, fmt='%.17g')"
  ), "latent.txt")
  expect_equal(latent, unname(fit$latent), tolerance = 1e-6)
})
