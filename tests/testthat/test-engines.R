test_that("the engine follows the system and what stands in the way", {
  good <- list(python = "nowhere", packages = data.frame(name = "numpy", found = "1.26.4"))
  expect_equal(choose_engine("process", good), "process")
  expect_false(in_python())
  new <- good
  new$packages$found <- "2.1.0"
  skip_if(utils::packageVersion("reticulate") >= "1.38", "reticulate that knows numpy 2")
  expect_equal(choose_engine("auto", new), "process")
  expect_error(choose_engine("reticulate", new), "cannot use numpy 2.1.0.*engine = \"process\"")
})

test_that("a worker that ends without an answer is an error, and leaves nothing", {
  before <- list.files(tempdir(), "^sce2tm-")
  false <- Sys.which("false")
  skip_if(false == "", "no `false` here")
  expect_error(
    run_process("{}", NULL, NULL, identity, false),
    "ended without an answer \\(status 1\\)",
    class = "sce2tm_worker_ended"
  )
  expect_equal(list.files(tempdir(), "^sce2tm-"), before)
})

test_that("a worker starts without R's library path", {
  withr::local_envvar(LD_LIBRARY_PATH = "/r/lib", PYTHONHOME = "/r")
  env <- clean_environment(PYTHONPATH = "/src")
  expect_false(any(c("LD_LIBRARY_PATH", "PYTHONHOME") %in% names(env)))
  expect_equal(env[["PYTHONPATH"]], "/src")
  withr::local_envvar(PYTHONPATH = "/mine")
  expect_match(python_path(), "python.?[:;]/mine$")
  expect_equal(env[["PATH"]], Sys.getenv("PATH"))
})

test_that("an interrupt ends the worker and removes its folder", {
  skip_if_no_python()
  skip_if_not(dir.exists("/proc/self"), "processes are looked up in /proc")
  ready <- withr::local_tempfile()
  code <- c(
    "library(sce2tm)",
    "counts <- matrix(stats::rpois(6000, 1), 100, dimnames = list(1:100, 1:60))",
    sprintf("note <- function(m) { file.create('%s'); invokeRestart('muffleMessage') }", ready),
    "tryCatch(",
    "  withCallingHandlers(",
    "    RunSCE2TM(counts, n.topics = 3, epochs = 1e6, engine = 'process', n.threads = 1),",
    "    message = note",
    "  ), interrupt = function(e) cat('interrupted;'))",
    "cat(length(list.files(tempdir(), '^sce2tm-')), 'folders;')",
    "lines <- lapply(Sys.glob('/proc/[0-9]*/cmdline'), function(f)",
    "  tryCatch(rawToChar(replace(b <- readBin(f, 'raw', 1e4), b == 0, charToRaw(' '))),",
    "           error = function(e) ''))",
    "cat(sum(grepl(paste0(tempdir(), '/sce2tm-'), unlist(lines), fixed = TRUE)), 'workers')"
  )
  child <- start_child(code)
  withr::defer(child$kill())
  wait_for_file(ready, child)
  child$interrupt()
  expect_equal(output_of(child, 30), "interrupted;0 folders;0 workers")
})
