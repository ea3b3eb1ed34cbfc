# The file of a run as Python will find it, whatever its working folder: the folder must be there
# now and not only when, minutes later, the file is first written.
checkpoint_path <- function(checkpoint, resume, call) {
  if (!rlang::is_bool(resume)) {
    cli::cli_abort(c("{.arg resume} is {.val {resume}}.", "i" = "Say TRUE or FALSE."), call = call)
  }
  if (is.null(checkpoint) && resume) {
    cli::cli_abort(c(
      "{.code resume = TRUE} needs the {.arg checkpoint} of the run, which is NULL.",
      "i" = "Name the file that the run was saved in, such as
             {.code checkpoint = \"run.safetensors\"}."
    ), call = call)
  }
  if (is.null(checkpoint)) {
    return(NULL)
  }
  if (!rlang::is_string(checkpoint) || dir.exists(checkpoint) || !nzchar(checkpoint)) {
    cli::cli_abort(c(
      "{.arg checkpoint} is {.code {deparse(checkpoint)}}, which is no name of a file.",
      "i" = "Give one, such as {.val run.safetensors}."
    ), call = call)
  }
  check_room(checkpoint, resume, call)
  file.path(normalizePath(dirname(checkpoint), "/"), basename(checkpoint))
}

# Its folder is there, and no other run's file would be replaced.
check_room <- function(checkpoint, resume, call) {
  if (!dir.exists(dirname(checkpoint))) {
    cli::cli_abort(c(
      "{.arg checkpoint} is {.val {checkpoint}}, and its folder does not exist.",
      "i" = "Make it with {.code dir.create(\"{dirname(checkpoint)}\", recursive = TRUE)}."
    ), call = call)
  }
  if (file.exists(checkpoint) && !resume) {
    cli::cli_abort(c(
      "{.arg checkpoint} is {.val {checkpoint}}, which is there already.",
      "i" = "To go on from an earlier run: the same call with {.code resume = TRUE}.",
      "i" = "For a new one name another file, or delete this one."
    ), call = call)
  }
}

# Runs code, and says how to go on where it was cut off: by an interrupt, a time limit, the end of
# the worker.
with_way_on <- function(checkpoint, code) {
  done <- FALSE
  on.exit(if (!done && !is.null(checkpoint)) say_way_on(checkpoint))
  force(code)
  done <- TRUE
}

say_way_on <- function(checkpoint) {
  if (file.exists(checkpoint)) {
    cli::cli_inform(c(
      "!" = "The run was cut off; its last checkpoint is in {.file {checkpoint}}.",
      "i" = "The same call with {.code resume = TRUE} goes on from there."
    ))
  } else {
    cli::cli_inform(c("!" = "The run was cut off before its first checkpoint."))
  }
}
