skip_if_not_installed("SeuratObject")

seurat_5 <- utils::packageVersion("SeuratObject") >= "5"

test_that("counts and data are read as they are", {
  counts <- toy_counts()
  object <- SeuratObject::CreateSeuratObject(counts)
  layers <- seurat_layers(object, "RNA", "counts", NULL)
  expect_length(layers, 1)
  expect_equal(as.matrix(layers[[1]]), as.matrix(counts))
})

test_that("an old assay is read under SeuratObject 5 as well", {
  counts <- toy_counts()
  assay <- SeuratObject::CreateAssayObject(counts)
  object <- suppressWarnings(SeuratObject::CreateSeuratObject(assay))
  expect_equal(as.matrix(seurat_layers(object, "RNA", "counts", NULL)[[1]]), as.matrix(counts))
})

test_that("a missing assay or layer is named, with what there is", {
  object <- SeuratObject::CreateSeuratObject(toy_counts())
  expect_error(seurat_layers(object, "ADT", "counts", NULL), "no `assay` \"ADT\".*has \"RNA\"")
  expect_error(seurat_layers(object, "RNA", "nix", NULL), "no `layer` \"nix\" in assay \"RNA\"")
})

test_that("split layers come one after the other", {
  skip_if_not(seurat_5, "SeuratObject 5")
  counts <- toy_counts()
  groups <- rep_len(c("B", "A"), ncol(counts))
  object <- SeuratObject::CreateSeuratObject(counts)
  object[["RNA"]] <- split(object[["RNA"]], f = groups)
  layers <- seurat_layers(object, "RNA", "counts", NULL)
  expect_length(layers, 2)
  joined <- do.call(cbind, lapply(layers, as.matrix))
  expect_equal(joined[, colnames(counts)], as.matrix(counts))
})

test_that("a run on split layers ends in the object's order of cells", {
  skip_if_not(seurat_5, "SeuratObject 5")
  skip_if_no_python()
  counts <- toy_counts()
  object <- SeuratObject::CreateSeuratObject(counts)
  groups <- rep_len(c("B", "A"), ncol(counts))
  object[["RNA"]] <- split(object[["RNA"]], f = groups)
  run <- quick_run(object)
  expect_equal(rownames(TopicProportions(run)), colnames(counts))
  # split() keeps the levels in alphabetical order
  parts <- seurat_layers(object, "RNA", "counts", NULL)
  order <- unlist(lapply(parts, colnames))
  alone <- quick_run(counts[, order])
  expect_equal(TopicProportions(run), TopicProportions(alone)[colnames(counts), ])
})
