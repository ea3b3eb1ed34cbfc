test_that("settings go over under Python's names, those not given not at all", {
  expect_equal(
    sce2tm_settings(n.topics = 5, seed.use = 2, learning.rate = 0.1),
    list(n_topics = 5, preset = "default", seed = 2, device = "auto", values = "auto",
         learning_rate = 0.1, early_stopping = FALSE, precision = "float32", resume = FALSE)
  )
})

test_that("every setting of the model has its R name", {
  skip_if_no_python()
  choose_python(sce2tm_python())
  load_bridge()
  in_python <- reticulate::py_eval(
    "list(__import__('inspect').signature(__import__('sys').modules['sce2tm'].SCE2TM).parameters)"
  )
  # what is no setting: the bridge sees to the matrix, the view and the progress; resume is of fit()
  expect_setequal(
    setdiff(python_names(names(formals(sce2tm_settings))), "resume"),
    setdiff(in_python, c("external", "progress", "layer"))
  )
})

test_that("messages from Python use R's names, values stay", {
  expect_equal(
    in_r_words("n_topics=1 is too few; batch_size=5, 'X_n_genes' stays."),
    "n.topics=1 is too few; batch.size=5, 'X_n_genes' stays."
  )
})

test_that("so do the ways to go on", {
  expect_equal(
    in_r_words("resume=True needs a file; fit(..., resume=True) goes on from it."),
    "resume = TRUE needs a file; the same call with resume = TRUE goes on from it."
  )
})
