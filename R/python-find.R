# the environment that install_sce2tm() makes
env_name <- "r-sce2tm"

#' Which Python sce2tm uses
#'
#' The first of: the one that `RETICULATE_PYTHON` names, the one that runs in this session already,
#' the environment that [install_sce2tm()] made, the one that `VIRTUAL_ENV` names. Looks only: no
#' Python is started, nothing is downloaded.
#'
#' @return Path of the interpreter, or `NA` where none was found.
#' @seealso [sce2tm_sitrep()] for what is wrong with it.
#' @examples
#' sce2tm_python()
#' @export
sce2tm_python <- function() {
  find_python()$path
}

# Path of the interpreter and how it was found.
find_python <- function() {
  asked <- Sys.getenv("RETICULATE_PYTHON")
  active <- Sys.getenv("VIRTUAL_ENV")
  # "managed" asks reticulate for a download, which only install_sce2tm() may do
  if (nzchar(asked) && asked != "managed") {
    list(path = path.expand(asked), source = "RETICULATE_PYTHON")
  } else if (reticulate::py_available(initialize = FALSE)) {
    list(path = reticulate::py_config()$python, source = "running in this session")
  } else if (reticulate::virtualenv_exists(env_name)) {
    list(path = reticulate::virtualenv_python(env_name), source = "install_sce2tm()")
  } else if (nzchar(active)) {
    list(path = in_environment(active), source = "VIRTUAL_ENV")
  } else {
    list(path = NA_character_, source = "none found")
  }
}

in_environment <- function(folder) {
  inside <- if (.Platform$OS.type == "windows") "Scripts/python.exe" else "bin/python"
  file.path(folder, inside)
}

# The Python sources that came with this version of the package.
python_sources <- function() {
  system.file("python", package = "sce2tm", mustWork = TRUE)
}

# What Python needs, read from the one list that the Python package itself is built by.
python_requirements <- function() {
  lines <- readLines(system.file("pyproject.toml", package = "sce2tm", mustWork = TRUE))
  first <- which(lines == "dependencies = [")[1]
  last <- first + which(lines[-seq_len(first)] == "]")[1]
  gsub("[\" ,]", "", lines[seq(first + 1, last - 1)])
}

requirement_name <- function(requirement) sub("[<>=!~].*", "", requirement)

# numpy 2 needs reticulate 1.38, pandas 3 needs reticulate 1.45
reticulate_limits <- function(version = utils::packageVersion("reticulate")) {
  c(if (version < "1.38") "numpy<2", if (version < "1.45") "pandas<3")
}
