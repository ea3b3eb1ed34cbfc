# A run that is saved after each of its epochs.
saved_run <- function(checkpoint, ..., epochs = 30, verbose = TRUE) {
  quick_run(toy_counts(),
    ..., checkpoint = checkpoint, checkpoint.minutes = 0, epochs = epochs, verbose = verbose
  )
}

# Does something once the training is half way, as a user would who watches it.
half_way <- function(code, what) {
  note <- function(message) if (grepl("Training 30/60", conditionMessage(message))) what()
  withCallingHandlers(code, message = note)
}

test_that("an interrupted run keeps its checkpoint, says how to go on, and goes on", {
  skip_if_no_python()
  for (engine in c("reticulate", "process")) {
    file <- withr::local_tempfile(fileext = ".safetensors")
    shown <- testthat::capture_messages(how <- tryCatch(
      half_way(saved_run(file, engine = engine), rlang::interrupt),
      interrupt = function(e) "interrupted"
    ))
    expect_equal(how, "interrupted")
    expect_match(shown, "cut off; its last checkpoint is in", all = FALSE)
    expect_match(shown, "resume = TRUE", all = FALSE)
    shown <- testthat::capture_messages(
      resumed <- saved_run(file, engine = engine, resume = TRUE)
    )
    expect_match(shown, "Resumed from", all = FALSE)
    unbroken <- quick_run(toy_counts(), epochs = 30, engine = engine)
    expect_identical(numbers(resumed), numbers(unbroken))
  }
})

test_that("a killed worker leaves a checkpoint from which the run goes on", {
  skip_if_no_python()
  skip_if_not(dir.exists("/proc/self"), "processes are looked up in /proc")
  kill_worker <- function() {
    for (file in Sys.glob("/proc/[0-9]*/cmdline")) {
      line <- tryCatch(readBin(file, "raw", 1e4), error = function(e) raw())
      line <- rawToChar(replace(line, line == 0, charToRaw(" ")))
      if (grepl(paste0("sce2tm.r.worker ", tempdir(), "/sce2tm-"), line, fixed = TRUE)) {
        tools::pskill(as.integer(basename(dirname(file))), tools::SIGKILL)
      }
    }
  }
  file <- withr::local_tempfile(fileext = ".safetensors")
  shown <- testthat::capture_messages(expect_error(
    half_way(saved_run(file, engine = "process"), kill_worker),
    class = "sce2tm_worker_ended"
  ))
  expect_match(shown, "cut off; its last checkpoint is in", all = FALSE)
  resumed <- suppressMessages(saved_run(file, engine = "process", resume = TRUE))
  expect_identical(
    numbers(resumed), numbers(quick_run(toy_counts(), epochs = 30, engine = "process"))
  )
})

test_that("Ctrl-C in the middle of the training is an interrupt, in both engines", {
  skip_if_no_python()
  for (engine in c("reticulate", "process")) {
    file <- withr::local_tempfile(fileext = ".safetensors")
    child <- start_child(c(
      "library(sce2tm)",
      "counts <- matrix(stats::rpois(6000, 1), 100, dimnames = list(1:100, 1:60))",
      "tryCatch(",
      sprintf("  RunSCE2TM(counts, n.topics = 3, epochs = 1e6, engine = '%s',", engine),
      sprintf("    checkpoint = '%s', checkpoint.minutes = 0, n.threads = 1),", file),
      "  interrupt = function(e) cat('interrupted;'))",
      "cat('alive')"
    ))
    withr::defer(child$kill())
    wait_for_file(file, child)
    child$interrupt()
    out <- output_of(child, 30)
    expect_match(out, "its last checkpoint is in")
    expect_match(out, "interrupted;alive$")
  }
})

# What a session of its own begins with: quick runs, and Ctrl-C some seconds later.
session <- c(
  "library(sce2tm)",
  "counts <- matrix(stats::rpois(6000, 1), 100, dimnames = list(1:100, 1:60))",
  "run <- function(epochs) suppressMessages(RunSCE2TM(",
  "  counts, n.topics = 3, n.threads = 1, engine = 'reticulate', epochs = epochs",
  "))",
  "later <- function(s) system(sprintf('(sleep %f; kill -INT %d) &', s, Sys.getpid()))"
)

test_that("Ctrl-C at any moment leaves the session, its Python and its Ctrl-C whole", {
  skip_if_no_python()
  skip_on_os("windows")
  out <- run_in_child(c(
    session,
    "first <- run(2)",
    # reticulate's way from Python back to R, slowed: an interrupt there jumps over Python
    "append <- function(...) {",
    "  end <- proc.time()[[3]] + 0.05",
    "  while (proc.time()[[3]] < end) NULL",
    "  base::append(...)",
    "}",
    # before Python works, while it gets the cells, and while it trains
    "for (moment in seq(0.03, 0.6, by = 0.03)) {",
    "  tryCatch({ later(moment); run(1e6) }, interrupt = function(e) cat('.'))",
    "}",
    "cat(identical(run(2)$latent, first$latent), '')",
    "threads <- reticulate::import('threading')",
    "cat(threads$active_count(), 'thread;')",
    "tryCatch({ later(0.1); Sys.sleep(10) }, interrupt = function(e) cat('in R'))"
  ))
  expect_equal(out, paste0(strrep(".", 20), "TRUE 1 thread;in R"))
})

test_that("Ctrl-C while Python starts is an interrupt, and the next run works", {
  skip_if_no_python()
  skip_on_os("windows")
  # Python takes a second to start, torch some more
  for (moment in c(0.5, 1, 2)) {
    out <- run_in_child(c(
      session,
      sprintf("tryCatch({ later(%f); run(1e6) }, interrupt = function(e) cat('left;'))", moment),
      "cat(dim(run(2)$latent))"
    ))
    expect_equal(out, "left;60 3")
  }
})

test_that("a time limit is one more way to be cut off", {
  skip_if_no_python()
  file <- withr::local_tempfile(fileext = ".safetensors")
  shown <- testthat::capture_messages(expect_error(
    {
      setTimeLimit(elapsed = 0.5, transient = TRUE)
      withr::defer(setTimeLimit())
      saved_run(file, engine = "process", epochs = 1e4)
    },
    "elapsed time limit"
  ))
  expect_match(shown, "cut off before its first checkpoint", all = FALSE)
})

test_that("a time limit or an error in a handler ends a run and leaves the session whole", {
  skip_if_no_python()
  file <- withr::local_tempfile(fileext = ".safetensors")
  limited <- function() {
    setTimeLimit(elapsed = 2, transient = TRUE)
    withr::defer(setTimeLimit())
    saved_run(file, engine = "reticulate", epochs = 1e4)
  }
  shown <- testthat::capture_messages(expect_error(limited(), "elapsed time limit"))
  expect_match(shown, "its last checkpoint is in", all = FALSE)
  other <- withr::local_tempfile(fileext = ".safetensors")
  suppressMessages(expect_error(
    half_way(saved_run(other, engine = "reticulate"), function() stop("enough")), "enough"
  ))
  expect_equal(reticulate::import("threading")$active_count(), 1)
  resumed <- suppressMessages(saved_run(other, engine = "reticulate", resume = TRUE))
  expect_identical(numbers(resumed), numbers(quick_run(toy_counts(), epochs = 30)))
})

test_that("a time limit that ends while Python works, where reticulate eats it, still counts", {
  skip_if_no_python()
  quick_run(toy_counts(), engine = "reticulate")
  expect_silent(stop_at_limit())
  sleep <- function() {
    setTimeLimit(elapsed = 0.5, transient = TRUE)
    withr::defer(setTimeLimit())
    reticulate::py_run_string("import time\nfor _ in range(20): time.sleep(0.1)")
    stop_at_limit()
  }
  expect_error(sleep(), "reached elapsed time limit")
})

test_that("what is said of a run that is cut off depends on its file", {
  file <- withr::local_tempfile()
  cut_off <- function() with_way_on(file, stop("halt"))
  expect_message(expect_error(cut_off(), "halt"), "before its first checkpoint")
  writeLines("saved", file)
  expect_message(expect_error(cut_off(), "halt"), "its last checkpoint is in")
  expect_silent(with_way_on(file, 1))
  expect_silent(expect_error(with_way_on(NULL, stop("halt")), "halt"))
})

test_that("a checkpoint lies in R's working folder", {
  skip_if_no_python()
  withr::local_dir(withr::local_tempdir())
  for (engine in c("reticulate", "process")) {
    saved_run(paste0(engine, ".safetensors"), engine = engine, epochs = 1, verbose = FALSE)
  }
  expect_setequal(list.files(), c("process.safetensors", "reticulate.safetensors"))
})

test_that("what cannot be a checkpoint is refused before the work", {
  counts <- toy_counts()
  expect_error(RunSCE2TM(counts, resume = TRUE), "resume = TRUE.*needs the `checkpoint`.*NULL")
  expect_error(RunSCE2TM(counts, resume = "yes"), "`resume` is \"yes\".*TRUE or FALSE")
  expect_error(RunSCE2TM(counts, checkpoint = 3), "`checkpoint` is `3`, which is no name of a file")
  expect_error(RunSCE2TM(counts, checkpoint = tempdir()), "no name of a file")
  expect_error(
    RunSCE2TM(counts, checkpoint = "no/such/run.safetensors"),
    "\"no/such/run.safetensors\", and its folder does not exist.*dir.create"
  )
  file <- withr::local_tempfile(lines = "hours of work")
  expect_error(RunSCE2TM(counts, checkpoint = file), "is there already.*resume = TRUE")
  expect_equal(readLines(file), "hours of work")
})

test_that("another run's checkpoint, or half of one, is refused", {
  skip_if_no_python()
  file <- withr::local_tempfile(fileext = ".safetensors")
  saved_run(file, epochs = 2, verbose = FALSE)
  again <- function(...) saved_run(file, epochs = 2, resume = TRUE, verbose = FALSE, ...)
  # nothing tells the user to go on from it
  expect_no_message(expect_error(
    again(tau = 0.5), "of other cells or settings", class = "sce2tm_InputError"
  ))
  writeBin(readBin(file, "raw", 500), file)
  expect_error(again(), "cut short", class = "sce2tm_ModelFileError")
})
