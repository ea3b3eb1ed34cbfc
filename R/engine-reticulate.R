# Engine in this session: the blocks go over as arrays, the events come back as calls.
run_reticulate <- function(request, cells, external, on_event, python) {
  bridge <- load_bridge(python)
  rows <- NULL
  if (!is.null(cells)) {
    rows <- bridge$Cells(length(cells$genes))
    # array(): a plain vector would become a list
    each_block(cells, function(values, genes, lengths) {
      rows$add(array(values), array(genes), array(lengths))
    })
  }
  answer <- bridge$answer(
    as.character(request), rows, external, reticulate::r_to_py(on_event, convert = TRUE)
  )
  arrays <- reticulate::py_to_r(answer$arrays)
  list(arrays = arrays, meta = reticulate::py_to_r(answer$meta))
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
