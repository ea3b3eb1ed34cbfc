test_that("requirements are those of the Python package", {
  needed <- python_requirements()
  expect_true(all(grepl("^[A-Za-z0-9_-]+>=[0-9.]+$", needed)))
  expect_true(all(c("torch", "numpy", "anndata") %in% requirement_name(needed)))
  expect_false(any(grepl("sce2tm", needed)))
})

test_that("limits follow the version of reticulate", {
  expect_equal(reticulate_limits("1.28"), c("numpy<2", "pandas<3"))
  expect_equal(reticulate_limits("1.41"), "pandas<3")
  expect_null(reticulate_limits("1.46"))
})

test_that("versions are compared by their numbers", {
  expect_true(at_least("2.13.0+cpu", "2.4"))
  expect_true(at_least("2.4rc1", "2.4"))
  expect_false(at_least("1.9", "1.10"))
  expect_false(satisfies(NA, "torch>=2.4"))
})

test_that("RETICULATE_PYTHON comes first, and a bare Python is told what it lacks", {
  withr::local_envvar(RETICULATE_PYTHON = "/nowhere/python")
  expect_equal(sce2tm_python(), "/nowhere/python")
  expect_false(sce2tm_available())
  report <- python_report()
  expect_match(report$problems, "RETICULATE_PYTHON says /nowhere/python, which does not exist")
  expect_match(remedy(report), "without RETICULATE_PYTHON")
})

test_that("the doctor lists every package with its version", {
  skip_if_no_python()
  report <- NULL
  shown <- cli::cli_fmt(report <- sce2tm_sitrep())
  expect_true(any(grepl("Ready", shown)))
  expect_equal(report$packages$required, python_requirements())
  expect_true(all(report$packages$ok))
})
