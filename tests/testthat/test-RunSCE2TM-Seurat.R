skip_if_not_installed("SeuratObject")

toy_seurat <- function() {
  object <- SeuratObject::CreateSeuratObject(toy_counts())
  view <- toy_view(object)
  object[["view"]] <- suppressWarnings(
    SeuratObject::CreateDimReducObject(view, key = "VIEW_", assay = "RNA")
  )
  object
}

test_that("the results lie in one reduction and equal those of the matrix", {
  skip_if_no_python()
  object <- toy_seurat()
  run <- quick_run(object)
  fit <- quick_run(toy_counts())
  expect_equal(SeuratObject::Key(run[["sce2tm"]]), "SCE2TM_", ignore_attr = TRUE)
  expect_equal(SeuratObject::DefaultAssay(run[["sce2tm"]]), "RNA")
  embedding <- SeuratObject::Embeddings(run, "sce2tm")
  expect_equal(colnames(embedding), paste0("SCE2TM_", 1:4))
  expect_equal(unname(embedding), unname(fit$latent))
  expect_equal(unname(SeuratObject::Loadings(run[["sce2tm"]])), unname(fit$topic_genes))
  expect_equal(methods::slot(run[["sce2tm"]], "misc")$theta, fit$theta)
  expect_identical(numbers(run), numbers(fit))
  expect_equal(SeuratObject::FetchData(run, "SCE2TM_2")[[1]], unname(embedding[, 2]))
})

test_that("variable features are the genes, where none are given", {
  skip_if_no_python()
  object <- toy_seurat()
  SeuratObject::VariableFeatures(object) <- rownames(object)[1:50]
  expect_setequal(rownames(TopicFit(quick_run(object))$topic_genes), rownames(object)[1:50])
  given <- TopicFit(quick_run(object, features = rownames(object)[11:40]))
  expect_setequal(rownames(given$topic_genes), rownames(object)[11:40])
})

test_that("a reduction or a matrix serves as external view", {
  skip_if_no_python()
  object <- toy_seurat()
  run <- quick_run(object, external = "view", n.neighbors = 5)
  expect_equal(TopicFit(run)$external$name, "view")
  view <- SeuratObject::Embeddings(object, "view")
  same <- quick_run(object, external = view, n.neighbors = 5)
  expect_identical(numbers(run), numbers(same))
})

test_that("names, assay and layer are the user's", {
  skip_if_no_python()
  object <- toy_seurat()
  data <- log1p(toy_counts())
  # SeuratObject 5 warns that there are no counts
  suppressWarnings(object[["LOG"]] <- SeuratObject::CreateAssayObject(data = data))
  run <- quick_run(object,
    assay = "LOG", layer = "data", reduction.name = "topics",
    reduction.key = "T_"
  )
  expect_equal(colnames(SeuratObject::Embeddings(run, "topics"))[2], "T_2")
  expect_equal(TopicFit(run, reduction = "topics")$params$values, "lognorm")
  expect_equal(TopicFit(run, reduction = "topics")$params$layer, "data")
  expect_error(TopicFit(run), "no topic model under the name \"sce2tm\"")
})

test_that("results follow a subset and survive saveRDS()", {
  skip_if_no_python()
  run <- quick_run(toy_seurat())
  file <- withr::local_tempfile()
  saveRDS(run, file)
  expect_identical(TopicFit(readRDS(file)), TopicFit(run))
  some <- subset(run, cells = colnames(run)[c(9, 2, 30)])
  expect_equal(TopicProportions(some), TopicProportions(run)[colnames(some), ])
  renamed <- SeuratObject::RenameCells(run, add.cell.id = "x")
  expect_error(TopicProportions(renamed), "60 cells are unknown to the topic model")
})

test_that("bad names are errors that say what there is", {
  object <- toy_seurat()
  skip_if_no_python()
  expect_error(quick_run(object, external = "scgpt"), "`external` is \"scgpt\".*\"view\"")
  expect_error(quick_run(object, features = c("gene1", "nix")), "1 of 2 `features`.*\"nix\"")
  expect_error(quick_run(object, assay = "ADT"), "no `assay` \"ADT\"")
})
