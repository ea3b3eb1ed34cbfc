# An error that Python carried back, as an R condition: class sce2tm_<PythonClass> for the class
# and its parents, then sce2tm_python_error.
abort_from_python <- function(error, call) {
  rlang::abort(
    in_r_words(error$message),
    class = c(paste0("sce2tm_", error$classes), "sce2tm_python_error"),
    call = call
  )
}

warn_from_python <- function(message) {
  rlang::warn(in_r_words(message), class = "sce2tm_python_warning")
}

# Stops with the code to type where a package from Suggests is absent.
check_requires <- function(what, packages, call = rlang::caller_env()) {
  absent <- Filter(function(p) !requireNamespace(p, quietly = TRUE), packages)
  if (length(absent)) {
    type <- paste0("install.packages(\"BiocManager\"); BiocManager::install(", deparse(absent), ")")
    cli::cli_abort(c(
      "{what} needs the package{?s} {.pkg {absent}}.",
      "i" = "Install with {.code {type}}."
    ), call = call)
  }
}

check_choice <- function(value, choices, name, call = rlang::caller_env()) {
  if (!is.character(value) || length(value) != 1 || !value %in% choices) {
    shown <- encodeString(as.character(value), quote = "\"")
    cli::cli_abort(c(
      "{.arg {name}} is {shown}.",
      "i" = "Say one of {.val {choices}}."
    ), call = call)
  }
}
