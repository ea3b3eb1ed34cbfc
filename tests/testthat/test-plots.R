skip_if_not_installed("ggplot2")

test_that("PlotTopicGenes() shows the top genes of the topics asked for", {
  skip_if_no_python()
  fit <- quick_run(toy_counts())
  plot <- PlotTopicGenes(fit, topics = c(3, 1), n = 5)
  expect_s3_class(plot, "ggplot")
  top <- TopicGenes(fit, 5)
  expect_equal(plot$data$gene, top$gene[top$topic %in% c("topic_1", "topic_3")])
  labels <- ggplot2::ggplot_build(plot)$layout$panel_params[[1]]$y$get_labels()
  expect_equal(rev(labels), top$gene[top$topic == "topic_3"])
  expect_error(PlotTopicGenes(fit, topics = 9), "no topic: \"topic_9\".*\"topic_1\" to \"topic_4\"")
})

test_that("PlotTopicLoss() draws every term, and the state of the training from zero on", {
  skip_if_no_python()
  fit <- quick_run(toy_counts())
  plot <- PlotTopicLoss(fit)
  terms <- c("loss", "reconstruction", "kl", "ecr", "distance")
  state <- c("dead_topics", "transport_iterations", "transported_mass", "learning_rate")
  expect_setequal(levels(plot$data$term), c(terms, state))
  expect_equal(plot$data$value[plot$data$term == "loss"], fit$history$loss)
  expect_silent(built <- ggplot2::ggplot_build(plot))
  ranges <- vapply(built$layout$panel_params, function(panel) panel$y$continuous_range, numeric(2))
  colnames(ranges) <- levels(plot$data$term)[built$layout$layout$PANEL]
  expect_true(all(ranges[1, state] <= 0))
  expect_gte(ranges[2, "dead_topics"], 1)
  expect_gt(ranges[1, "loss"], 0)
})

test_that("PlotTopicLoss() shows a history of one value", {
  skip_if_no_python()
  plot <- PlotTopicLoss(quick_run(toy_counts(), epochs = 1))
  expect_message(built <- ggplot2::ggplot_build(plot), NA)
  expect_equal(nrow(ggplot2::layer_data(plot, 1)), length(levels(plot$data$term)))
  expect_s3_class(plot$layers[[1]]$geom, "GeomPoint")
})

test_that("the reduction draws with Seurat's own plots", {
  skip_if_not_installed("Seurat")
  skip_if_no_python()
  object <- quick_run(SeuratObject::CreateSeuratObject(toy_counts()))
  dims <- Seurat::DimPlot(object, reduction = "sce2tm")
  expect_s3_class(dims, "ggplot")
  feature <- Seurat::FeaturePlot(object, "SCE2TM_3", reduction = "sce2tm")
  expect_s3_class(feature, "ggplot")
})
