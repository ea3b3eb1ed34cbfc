# Engine in this session: what R holds in memory goes over as arrays, the rest through files. Python
# works in a thread and R comes for its events, so that R never jumps over Python: not for an
# interrupt, nor a time limit, nor an error in a handler.
run_reticulate <- function(request, cells, external, on_event, python) {
  folder <- tempfile("sce2tm-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  # what R said last is now this: stop_at_limit() takes no earlier limit's end for one of this run
  try(stop("a new run"), silent = TRUE)
  # first what is R's own work, and may be long, while Ctrl-C is R's own as well
  if (are_stored(cells)) store_cells(folder, cells)
  choose_python(python)
  # From here to the end Ctrl-C is noted and no more; the note is read where no Python runs.
  # Python's imports call R, which must not leave them for an interrupt that came before.
  suspendInterrupts({
    interrupts <- take_interrupts()
    on.exit(suspendInterrupts(interrupts$give_back()), add = TRUE, after = FALSE)
    bridge <- load_bridge()
  })
  check <- function() {
    if (interrupts$seen) rlang::interrupt()
    stop_at_limit()
  }
  check()
  cells <- send_cells(bridge, folder, cells, check)
  jobs <- reticulate::import("sce2tm.r.job")
  job <- jobs$Job(as.character(request), cells, external)
  on.exit(job$leave(), add = TRUE, after = FALSE)
  repeat {
    check()
    if (!job$running()) break
    lapply(job$events(0.1), on_event)
  }
  answer <- job$answer()
  result <- list(arrays = answer$arrays, meta = answer$meta)
  check()
  result
}

# While Python works, reticulate looks for R's events, of which the end of a time limit is one; it
# prints that error and goes on. What R said last is all that is left of the limit.
stop_at_limit <- function() {
  limits <- c("elapsed time", "session elapsed time", "CPU time", "session CPU time")
  limits <- gettext(sprintf("reached %s limit", limits), domain = "R")
  ended <- vapply(limits, grepl, NA, x = geterrmessage(), fixed = TRUE)
  if (any(ended)) stop(limits[ended][1], call. = FALSE)
}

# What starts first in a session is its Python for good.
choose_python <- function(python) {
  if (!reticulate::py_available(initialize = FALSE)) {
    reticulate::use_python(python, required = TRUE)
  }
}

take_interrupts <- function() {
  reticulate::import_from_path("sce2tm.r.interrupts", python_sources())$Interrupts()
}

send_cells <- function(bridge, folder, cells, check) {
  if (is.null(cells)) {
    return(NULL)
  }
  if (are_stored(cells)) {
    stored <- reticulate::import("sce2tm.r.stored", convert = FALSE)
    shape <- list(length(cells$cells), length(cells$genes))
    return(do.call(stored$StoredCells, c(folder, shape, by_gene = cells$by.gene)))
  }
  rows <- bridge$Cells(length(cells$genes))
  # array(): a plain vector would become a list
  each_block(cells, function(values, genes, lengths) {
    rows$add(array(values), array(genes), array(lengths))
    check()
  })
  rows
}

load_bridge <- function() {
  if (is.null(the$bridge)) {
    import_torch()
    the$bridge <- reticulate::import_from_path("sce2tm.r.bridge", python_sources(), convert = FALSE)
  }
  the$bridge
}

# On Linux the symbols of R's BLAS come before PyTorch's own: slow, sometimes wrong, sometimes a
# crash. Deep binding puts its own first; it only works for the first import in a session.
import_torch <- function() {
  if (Sys.info()[["sysname"]] != "Linux" || !getOption("sce2tm.deepbind", TRUE)) {
    return(invisible(NULL))
  }
  if (reticulate::py_eval("'torch' in __import__('sys').modules")) {
    cli::cli_warn(c(
      "PyTorch was imported before sce2tm and uses R's linear algebra: slow, or wrong.",
      "i" = "Say {.code engine = \"process\"}, or restart R and start with sce2tm."
    ))
    return(invisible(NULL))
  }
  sys <- reticulate::import("sys")
  os <- reticulate::import("os")
  if (reticulate::py_has_attr(os, "RTLD_DEEPBIND")) {
    flags <- sys$getdlopenflags()
    on.exit(sys$setdlopenflags(flags))
    sys$setdlopenflags(bitwOr(os$RTLD_NOW, os$RTLD_DEEPBIND))
    reticulate::import("torch", convert = FALSE)
  }
  invisible(NULL)
}
