# Skips where Python is missing; SCE2TM_REQUIRE_PYTHON=true makes that a failure.
skip_if_no_python <- function() {
  if (sce2tm_available()) {
    return(invisible(TRUE))
  }
  if (identical(Sys.getenv("SCE2TM_REQUIRE_PYTHON"), "true")) {
    stop(paste(c("Python is required here.", python_report()$problems), collapse = " "))
  }
  testthat::skip("Python with the packages is not there")
}

# Starts code in an R of its own, on the package as installed.
start_child <- function(code, env = character()) {
  if (!length(find.package("sce2tm", .libPaths(), quiet = TRUE))) {
    testthat::skip("needs the installed package")
  }
  script <- tempfile(fileext = ".R")
  writeLines(code, script)
  env <- c("current", R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), env)
  processx::process$new(
    file.path(R.home("bin"), "Rscript"), script, env = env, stdout = "|", stderr = "2>&1"
  )
}

# Gives what the code printed; what it does after so many seconds is cut off.
run_in_child <- function(code, env = character(), seconds = 120) {
  output_of(start_child(code, env), seconds)
}

# A child that hangs would be read for ever, so it is killed.
output_of <- function(child, seconds) {
  child$wait(1000 * seconds)
  child$kill(close_connections = FALSE)
  child$read_all_output()
}

# Waits for a file that the child makes.
wait_for_file <- function(file, child, seconds = 120) {
  end <- Sys.time() + seconds
  while (!file.exists(file) && child$is_alive() && Sys.time() < end) Sys.sleep(0.1)
}

# Runs lines of Python in `folder`, without R, and reads the matrices that they wrote there.
run_python <- function(folder, lines, results = character()) {
  code <- c("import numpy as np, sce2tm, sce2tm.data.readers", lines)
  processx::run(
    sce2tm_python(), c("-c", paste(code, collapse = "\n")),
    wd = folder, env = clean_environment(PYTHONPATH = python_sources()), stderr_to_stdout = TRUE
  )
  read <- function(file) {
    unname(as.matrix(utils::read.table(file.path(folder, file), colClasses = "numeric")))
  }
  if (length(results) == 1) read(results) else lapply(results, read)
}

# Blocks of another size, so that a few cells are more than one.
local_mocked_blocks <- function(size, frame = parent.frame()) {
  namespace <- asNamespace("sce2tm")
  set <- function(value) {
    unlock <- get("unlockBinding", baseenv())
    unlock("block_size", namespace)
    assign("block_size", value, namespace)
    lockBinding("block_size", namespace)
  }
  old <- namespace$block_size
  set(size)
  withr::defer(set(old), envir = frame)
}
