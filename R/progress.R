# What to do with the events that come back from Python while it works: a bar where the console
# can draw one, else a line at each tenth of the way; nothing where `verbose` is FALSE.
event_handler <- function(verbose) {
  if (!verbose) {
    return(list(handle = function(line) invisible(NULL), close = function() invisible(NULL)))
  }
  step <- if (cli::is_dynamic_tty()) progress_bar() else progress_lines()
  handle <- function(line) {
    # other output of Python may be among it; no tryCatch(), which would eat the end of a time limit
    event <- if (jsonlite::validate(line)) jsonlite::fromJSON(line)
    if (!is.list(event)) {
      return(invisible(NULL))
    }
    if (!is.null(event$log)) rlang::inform(in_r_words(event$log)) else step$draw(event)
    invisible(NULL)
  }
  list(handle = handle, close = step$close)
}

progress_bar <- function() {
  env <- environment()
  bar <- NULL
  draw <- function(event) {
    if (is.null(bar)) {
      bar <<- cli::cli_progress_bar(
        total = event$total, .envir = env, .auto_close = FALSE,
        format = "Training {cli::pb_bar} {cli::pb_current}/{cli::pb_total} {cli::pb_status}"
      )
    }
    cli::cli_progress_update(id = bar, set = event$step, status = loss_text(event), .envir = env)
  }
  list(draw = draw, close = function() if (!is.null(bar)) cli::cli_progress_done(bar, env))
}

progress_lines <- function() {
  tenth <- 0
  draw <- function(event) {
    now <- floor(10 * event$step / event$total)
    if (now > tenth) {
      rlang::inform(sprintf("Training %d/%d, %s", event$step, event$total, loss_text(event)))
      tenth <<- now
    }
  }
  list(draw = draw, close = function() invisible(NULL))
}

loss_text <- function(event) paste("loss", signif(event$loss, 5))
