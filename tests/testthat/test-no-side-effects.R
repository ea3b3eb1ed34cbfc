test_that("library() and sce2tm_available() start no Python and leave no environment", {
  home <- withr::local_tempdir()
  out <- run_in_child(c(
    "library(sce2tm)",
    "invisible(sce2tm_available())",
    "cat('started', reticulate::py_available(initialize = FALSE))"
  ), env = c(HOME = home, WORKON_HOME = file.path(home, "envs")))
  expect_match(out, "started FALSE")
  expect_equal(list.files(home, all.files = TRUE, no.. = TRUE, recursive = TRUE), character())
})

test_that("without Python the package loads and says what to do", {
  out <- run_in_child(c(
    "library(sce2tm)",
    "cat('available', sce2tm_available(), '')",
    "counts <- matrix(1, 2, 2, dimnames = list(letters[1:2], LETTERS[1:2]))",
    "error <- tryCatch(RunSCE2TM(counts), sce2tm_no_python = identity)",
    "cat(conditionMessage(error))",
    "sce2tm_sitrep()"
  ), env = c(RETICULATE_PYTHON = "/nowhere/python"))
  expect_match(out, "available FALSE")
  expect_match(out, "/nowhere/python, which does not exist")
  expect_match(out, "install_sce2tm()", fixed = TRUE)
  expect_match(out, "Not ready")
})
