#' Is Python ready for sce2tm?
#'
#' `sce2tm_available()` says whether [RunSCE2TM()] can run; `sce2tm_sitrep()` prints what it found
#' and what to type. Neither starts Python in this session, downloads or installs anything: the
#' versions are read by a short-lived process of their own (about 0.1 seconds).
#'
#' @return `sce2tm_available()`: `TRUE` or `FALSE`. `sce2tm_sitrep()`: invisibly a list of `python`
#'   (path), `source` (how it was found), `version`, `packages` (data frame of what is required and
#'   what was found) and `problems` (character, empty where all is well).
#' @seealso [install_sce2tm()], [sce2tm_python()]
#' @examples
#' sce2tm_available()
#' sce2tm_sitrep()
#' @export
sce2tm_available <- function() {
  length(python_report()$problems) == 0
}

#' @rdname sce2tm_available
#' @export
sce2tm_sitrep <- function() {
  report <- python_report()
  cli::cli_h1("sce2tm {utils::packageVersion('sce2tm')}")
  cli::cli_ul(c(
    "R {getRversion()}, reticulate {utils::packageVersion('reticulate')}",
    "Python: {.file {report$python}} ({report$source})"
  ))
  if (!is.null(report$packages)) {
    shown <- with(report$packages, paste(name, ifelse(is.na(found), "missing", found)))
    cli::cli_ul(c("Python {report$version}", "{shown}"))
  }
  if (length(report$problems)) {
    cli::cli_alert_danger("Not ready.")
    cli::cli_bullets(stats::setNames(report$problems, rep("x", length(report$problems))))
    cli::cli_alert_info(remedy(report))
  } else {
    cli::cli_alert_success("Ready; engine \"auto\" is {.val {choose_engine('auto', report)}}.")
    obstacle <- reticulate_obstacle(report)
    if (!is.null(obstacle)) cli::cli_alert_info("Engine \"reticulate\" cannot run: {obstacle}.")
  }
  invisible(report)
}

# Everything about the Python that would be used; see sce2tm_sitrep().
python_report <- function() {
  found <- find_python()
  report <- list(
    python = found$path, source = found$source, version = NULL, packages = NULL,
    problems = character()
  )
  if (is.na(found$path)) {
    report$problems <- "No Python was found."
  } else if (!file.exists(found$path)) {
    report$problems <- sprintf("%s says %s, which does not exist.", found$source, found$path)
  } else {
    report <- examine(report)
  }
  report
}

# Asks the interpreter for its packages.
examine <- function(report) {
  required <- python_requirements()
  script <- file.path(python_sources(), "sce2tm", "r", "doctor.py")
  out <- tryCatch(
    keep_seed(processx::run(
      report$python, c(script, requirement_name(required)),
      env = clean_environment(), timeout = 60
    ))$stdout,
    error = function(e) NULL
  )
  if (is.null(out)) {
    report$problems <- sprintf("%s does not start.", report$python)
    return(report)
  }
  answer <- jsonlite::fromJSON(out)
  found <- vapply(answer$packages, function(v) v %||% NA_character_, "")
  ok <- unlist(Map(satisfies, found, required))
  report$version <- answer$python
  report$packages <- data.frame(
    name = requirement_name(required), required = required, found = unname(found),
    ok = unname(ok)
  )
  report$problems <- c(
    if (!at_least(answer$python, "3.11")) {
      sprintf("Python is %s, 3.11 or later is needed.", answer$python)
    },
    sprintf("%s is missing.", names(found)[is.na(found)]),
    sprintf("%s is needed, %s is there.", required[!is.na(found) & !ok], found[!is.na(found) & !ok])
  )
  report
}

# Requirements in the list are of the form name>=version.
satisfies <- function(found, required) {
  !is.na(found) && at_least(found, sub("^.*>=", "", required))
}

at_least <- function(version, least) {
  # local and pre-release parts ("2.13.0+cpu", "2.0rc1") do not count
  numbers <- regmatches(version, regexpr("^[0-9]+([.][0-9]+)*", version))
  length(numbers) == 1 && numeric_version(numbers) >= least
}

# The report of a Python that works, or an error that says what to type.
require_python <- function(call) {
  report <- python_report()
  if (length(report$problems)) {
    cli::cli_abort(
      c(
        "sce2tm cannot use Python yet.",
        stats::setNames(report$problems, rep("x", length(report$problems))),
        "i" = remedy(report)
      ),
      class = "sce2tm_no_python", call = call
    )
  }
  report
}

remedy <- function(report) {
  where <- if (report$source == "RETICULATE_PYTHON") " without RETICULATE_PYTHON" else ""
  paste0(
    "Run {.run sce2tm::install_sce2tm()} once (about 2 GB), then restart R", where,
    "; or set {.envvar RETICULATE_PYTHON} to a Python that has the packages."
  )
}
