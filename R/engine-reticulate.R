# Engine in this session: what R holds in memory goes over as arrays, the rest through files; the
# events come back as calls.
run_reticulate <- function(request, cells, external, on_event, python) {
  bridge <- load_bridge(python)
  folder <- tempfile("sce2tm-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  events <- over_python(on_event)
  answer <- bridge$answer(
    as.character(request), send_cells(bridge, folder, cells), external,
    reticulate::r_to_py(events$handle, convert = TRUE)
  )
  events$leave()
  meta <- reticulate::py_to_r(answer$meta)
  # what reticulate says of an interrupt that came on its own way from Python to R
  if (grepl("\"(Unknown exception occurred)\"", meta, fixed = TRUE)) rlang::interrupt()
  list(arrays = reticulate::py_to_r(answer$arrays), meta = meta)
}

# R cannot jump out over Python, which only sees that a call of its own failed, and ends. What made
# R leave (an error, an interrupt, a handler of the caller's) is kept and done when it has ended.
over_python <- function(on_event) {
  leave <- function() NULL
  handle <- function(line) {
    old <- leave
    leave <<- function() on_event(line)
    fail <- function(how) {
      leave <<- how
      stop("R left")
    }
    tryCatch(on_event(line),
      error = function(error) fail(function() stop(error)),
      interrupt = function(e) fail(rlang::interrupt)
    )
    leave <<- old
    invisible(NULL)
  }
  list(handle = handle, leave = function() leave())
}

send_cells <- function(bridge, folder, cells) {
  if (is.null(cells)) {
    return(NULL)
  }
  if (are_stored(cells)) {
    store_cells(folder, cells)
    stored <- reticulate::import("sce2tm.r.stored", convert = FALSE)
    shape <- list(length(cells$cells), length(cells$genes))
    return(do.call(stored$StoredCells, c(folder, shape, by_gene = cells$by.gene)))
  }
  rows <- bridge$Cells(length(cells$genes))
  # array(): a plain vector would become a list
  each_block(cells, function(values, genes, lengths) {
    rows$add(array(values), array(genes), array(lengths))
  })
  rows
}

load_bridge <- function(python) {
  if (is.null(the$bridge)) {
    if (!reticulate::py_available(initialize = FALSE)) {
      reticulate::use_python(python, required = TRUE)
    }
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
