test_that("the path of a file gives what its matrix gives, with names", {
  skip_if_no_python()
  counts <- toy_counts()
  path <- toy_h5ad(counts)
  for (engine in c("reticulate", "process")) {
    fit <- quick_run(path, engine = engine)
    expect_s3_class(fit, "sce2tm_fit")
    expect_identical(numbers(fit), numbers(quick_run(counts, engine = engine)))
    expect_identical(numbers(quick_run(path, layer = "dense", engine = engine)), numbers(fit))
  }
})

test_that("features and a view of the file's cells are taken by name", {
  skip_if_no_python()
  counts <- toy_counts()
  path <- toy_h5ad(counts)
  view <- toy_view(counts)
  genes <- rownames(counts)[c(50, 3:40)]
  run <- function(object, view) {
    numbers(quick_run(object, features = genes, external = view, n.neighbors = 5))
  }
  expect_identical(run(path, view[60:1, ]), run(counts, view))
  expect_equal(quick_run(path, external = "view", n.neighbors = 5)$external$name, "view")
})

test_that("a path is that of R's working folder", {
  skip_if_no_python()
  path <- toy_h5ad(toy_counts())
  withr::local_dir(dirname(path))
  expect_equal(dim(quick_run("cells.h5ad", engine = "process")$theta), c(60, 4))
})

test_that("what cannot be read is named, with a remedy", {
  expect_error(RunSCE2TM("no/such.h5ad"), "`object` is the path \"no/such.h5ad\", which does not")
  expect_error(RunSCE2TM(c("a.h5ad", "b.h5ad")), "got <character>.*path of a file")
  expect_error(RunSCE2TM(NA_character_), "got <character>")
  skip_if_no_python()
  path <- toy_h5ad(toy_counts())
  few <- toy_view(toy_counts())[-1, ]
  rubbish <- withr::local_tempfile(lines = "no cells here", fileext = ".h5ad")
  other <- withr::local_tempfile(lines = "no cells here", fileext = ".xlsx")
  expect_error(quick_run(path, layer = "nix"), "layer='nix'.*csc", class = "sce2tm_InputError")
  expect_error(quick_run(path, features = c("gene1", "nix")), "1 of 2 features.*'nix'.*gene1")
  expect_error(quick_run(path, external = "nix"), "external='nix'.*view")
  expect_error(quick_run(path, external = few), "no row for 1 of 60 cells: 'cell1'")
  expect_error(quick_run(rubbish), "cannot be read", class = "sce2tm_InputError")
  expect_error(quick_run(other), "no known kind.*h5ad", class = "sce2tm_InputError")
  expect_error(quick_run(path, external = few, engine = "process"), "no row for 1 of 60 cells")
})
