# Engine beside R: raw arrays go through files, the events come back as lines. A crash of Python
# or an interrupt leaves this session alive, and neither leaves files or a process behind.
run_process <- function(request, cells, external, on_event, python) {
  folder <- tempfile("sce2tm-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  write_question(folder, request, cells, external)
  log <- file.path(folder, "stderr.txt")
  worker <- keep_seed(processx::process$new(
    python, c("-m", "sce2tm.r.worker", folder),
    wd = folder, env = clean_environment(PYTHONPATH = python_path()),
    stdout = "|", stderr = log, encoding = "UTF-8"
  ))
  on.exit(worker$kill(), add = TRUE, after = FALSE)
  while (worker$is_alive() || worker$is_incomplete_output()) {
    worker$poll_io(500)
    lapply(worker$read_output_lines(), on_event)
  }
  if (!file.exists(file.path(folder, "answer.json"))) {
    cli::cli_abort(c(
      "The Python process ended without an answer (status {worker$get_exit_status()}).",
      "x" = "{utils::tail(readLines(log, warn = FALSE), 3)}",
      "i" = "Status -9 or 137 means that the memory was full; {.fn sce2tm_sitrep} checks the rest."
    ), class = "sce2tm_worker_ended")
  }
  read_answer(folder)
}

write_question <- function(folder, request, cells, external) {
  writeLines(enc2utf8(request), file.path(folder, "request.json"), useBytes = TRUE)
  if (!is.null(cells)) store_cells(folder, cells)
  if (!is.null(external)) {
    view <- file(file.path(folder, "external.bin"), "wb")
    on.exit(close(view), add = TRUE)
    # column by column: one call of writeBin() ends at 2 GB
    for (k in seq_len(ncol(external))) writeBin(external[, k], view, size = 8, endian = "little")
  }
}

read_answer <- function(folder) {
  answer <- jsonlite::fromJSON(file.path(folder, "answer.json"))
  read <- function(name, layout) {
    what <- switch(layout$kind, f8 = "double", i4 = "integer", u1 = "raw")
    path <- file.path(folder, paste0(name, ".bin"))
    array(readBin(path, what, n = prod(layout$shape), endian = "little"), layout$shape)
  }
  arrays <- Map(read, names(answer$arrays), answer$arrays)
  list(arrays = arrays, meta = answer$meta)
}

# The package's own sources first, then the user's.
python_path <- function() {
  asked <- Sys.getenv("PYTHONPATH")
  paste(c(python_sources(), asked[nzchar(asked)]), collapse = .Platform$path.sep)
}

# R puts its own libraries in front, and Python would load those: start it without.
clean_environment <- function(...) {
  kept <- Sys.getenv()
  kept <- kept[setdiff(names(kept), c("LD_LIBRARY_PATH", "PYTHONHOME"))]
  kept[names(c(...))] <- c(...)
  c(kept)
}

# processx draws the name of a process from R's random numbers; the user's state stays as it was.
keep_seed <- function(code) {
  old <- globalenv()$.Random.seed
  on.exit(if (is.null(old)) {
    suppressWarnings(rm(".Random.seed", envir = globalenv()))
  } else {
    assign(".Random.seed", old, envir = globalenv())
  })
  code
}
