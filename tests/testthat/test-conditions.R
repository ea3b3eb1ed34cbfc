test_that("Python's errors are R conditions, with the arguments' R names", {
  skip_if_no_python()
  for (engine in c("reticulate", "process")) {
    error <- tryCatch(quick_run(toy_counts(), tau = -1, engine = engine), error = identity)
    expect_s3_class(error, c("sce2tm_InputError", "sce2tm_ValueError", "sce2tm_python_error"),
                    exact = FALSE)
    expect_match(conditionMessage(error), "tau")
    expect_no_match(conditionMessage(error), "Traceback")
  }
  expect_error(quick_run(toy_counts(), n.topics = 1), "n\\.topics")
})

test_that("bad values are refused with their place", {
  skip_if_no_python()
  bad <- toy_counts()
  bad@x[3] <- NaN
  expect_error(quick_run(bad), "NaN", class = "sce2tm_InputError")
  bad@x[3] <- -1
  expect_error(quick_run(bad), "negative", class = "sce2tm_InputError")
})

test_that("Python's warnings are R warnings, its log lines messages", {
  skip_if_no_python()
  shown <- testthat::capture_messages(quick_run(toy_counts(), verbose = TRUE))
  expect_match(shown, "Training on 60 cells", all = FALSE)
  expect_warning(
    warn_from_python("n_genes=3 is odd."), "n.genes=3 is odd",
    class = "sce2tm_python_warning"
  )
})

test_that("what is no matrix of numbers with names is refused", {
  expect_error(RunSCE2TM(1:3), "Expected a matrix of genes x cells, got <integer>")
  expect_error(RunSCE2TM(matrix("a", 1, 1)), "holds no numbers")
  expect_error(RunSCE2TM(data.frame(a = 1)), "holds no numbers.*as.matrix")
  expect_error(RunSCE2TM(matrix(1, 2, 2)), "genes \\(row names\\) have no names")
  expect_error(RunSCE2TM(matrix(0, 0, 2)), "empty: 0 genes x 2 cells")
  twice <- matrix(1, 2, 2, dimnames = list(c("a", "b"), c("x", "x")))
  expect_error(RunSCE2TM(twice), "1 cell name is there more than once: \"x\"")
  expect_error(RunSCE2TM(t(twice)), "1 gene name is there more than once: \"x\"")
})

test_that("an external view must have the cells and numbers", {
  counts <- toy_counts()
  view <- toy_view(counts)
  expect_error(RunSCE2TM(counts, external = view[-(1:2), ]), "lacks 2 of 60 cells: \"cell1\"")
  expect_error(RunSCE2TM(counts, external = unname(view)), "lacks 60 of 60 cells")
  expect_error(RunSCE2TM(counts, external = view > 0), "holds <logical>, no numbers")
})

test_that("unknown settings, features and engines are named", {
  counts <- toy_counts()
  expect_error(RunSCE2TM(counts, ntopics = 5), "Unknown argument: `ntopics`.*n.topics")
  expect_error(RunSCE2TM(counts, NULL, NULL, "auto", TRUE, 5), "\\(without a name\\)")
  expect_error(RunSCE2TM(counts, features = "nix"), "1 of 1 `features` is no gene.*\"nix\"")
  expect_error(RunSCE2TM(counts, engine = "rpy"), "`engine` is \"rpy\".*\"process\"")
})

test_that("a missing R package is named with the code that installs it", {
  expect_error(
    check_requires("Drawing", "no.such.package"),
    "Drawing needs the package no.such.package.*BiocManager::install"
  )
})
