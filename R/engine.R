# One call of Python, the same for both engines: a request (a list, sent as JSON), the cells and
# an external view go over; named arrays and metadata come back.
call_python <- function(request, cells = NULL, external = NULL, engine = "auto", verbose = TRUE,
                        call = rlang::caller_env()) {
  check_choice(engine, c("auto", "reticulate", "process"), "engine", call)
  python <- require_python(call)
  run <- switch(choose_engine(engine, python, call),
    reticulate = run_reticulate,
    process = run_process
  )
  text <- jsonlite::toJSON(request, auto_unbox = TRUE, null = "null", digits = NA)
  events <- event_handler(verbose)
  on.exit(events$close())
  with_way_on(request$settings$checkpoint, {
    answer <- run(text, cells, external, events$handle, python$python)
    meta <- jsonlite::fromJSON(answer$meta)
    lapply(unique(meta$warnings), warn_from_python)
    # what Python refuses says itself what to do; other errors are accidents on the way
    if (!is.null(meta$error) && !"SCE2TMError" %in% meta$error$classes) {
      abort_from_python(meta$error, call)
    }
  })
  if (!is.null(meta$error)) {
    abort_from_python(meta$error, call)
  }
  list(arrays = answer$arrays, meta = meta)
}

# "auto" is in the session on Linux, where it was measured, else beside it: two OpenMP runtimes in
# one process are known to abort R on macOS and Windows.
choose_engine <- function(engine, python, call = rlang::caller_env()) {
  if (engine == "process") {
    return("process")
  }
  obstacle <- reticulate_obstacle(python)
  if (engine == "auto") {
    return(if (is.null(obstacle) && Sys.info()[["sysname"]] == "Linux") "reticulate" else "process")
  }
  if (!is.null(obstacle)) {
    cli::cli_abort(c(
      "{.arg engine} is \"reticulate\", which cannot run in this session: {obstacle}.",
      "i" = "Say {.code engine = \"process\"}; the results are the same."
    ), call = call)
  }
  "reticulate"
}

# Why Python cannot work inside this session, or NULL.
reticulate_obstacle <- function(python) {
  if (in_python()) {
    return("R runs inside Python here, which would crash in the end")
  }
  numpy <- python$packages$found[python$packages$name == "numpy"]
  if (any(grepl("^numpy<2", reticulate_limits())) && at_least(numpy, "2")) {
    return(sprintf("reticulate before 1.38 cannot use numpy %s", numpy))
  }
  if (isNamespaceLoaded("torch")) {
    return("the R package torch is loaded, and two versions of libtorch clash")
  }
  if (reticulate::py_available(initialize = FALSE) && !is_running(python$python)) {
    return("another Python runs here already")
  }
  NULL
}

# Whether Python started this R, by rpy2: reticulate lets go of a lock that Python needs at its end.
in_python <- function() identical(commandArgs()[1], "rpy2")

# An environment's interpreter is a link, so its folder tells environments apart, not its target.
is_running <- function(python) {
  running <- reticulate::py_config()$python
  identical(normalizePath(dirname(running)), normalizePath(dirname(python)))
}
