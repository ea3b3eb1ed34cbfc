#' Install what sce2tm needs in Python
#'
#' Makes a virtual environment of its own and installs PyTorch and the other packages there with
#' pip: about 2 GB on disk, a few minutes. The model's own Python code comes with the R package and
#' is not downloaded (beware: `sce2tm` on the Python package index is another project). No other
#' function of the package calls this one.
#'
#' @param python Interpreter to build the environment with, Python 3.11 or later; `NULL` lets
#'   reticulate find one.
#' @param torch Which PyTorch, as pip writes it, for instance `"torch==2.13.0"`; `NULL` takes any
#'   that works.
#' @param pip.options Further options of pip, for instance
#'   `"--index-url https://download.pytorch.org/whl/cpu"` for a build without GPU support.
#' @param envname Name or path of the environment. sce2tm finds the default on its own; for another,
#'   set the environment variable `RETICULATE_PYTHON` to its interpreter.
#'
#' @return Path of the environment's interpreter, invisibly.
#' @seealso [sce2tm_sitrep()]
#' @examples
#' \dontrun{
#' install_sce2tm()
#' }
#' @export
install_sce2tm <- function(python = NULL, torch = NULL, pip.options = character(),
                           envname = "r-sce2tm") {
  # with R's own libraries in front, Python may load a libssl that it cannot use
  libraries <- Sys.getenv("LD_LIBRARY_PATH", NA)
  if (!is.na(libraries)) {
    Sys.unsetenv("LD_LIBRARY_PATH")
    on.exit(Sys.setenv(LD_LIBRARY_PATH = libraries))
  }
  packages <- c(python_requirements(), reticulate_limits(), torch)
  cli::cli_inform("Installing {length(packages)} Python packages into {.val {envname}}.")
  if (!reticulate::virtualenv_exists(envname)) {
    # numpy by its limit at once: alone, the newest would come
    reticulate::virtualenv_create(envname, python = python, packages = FALSE)
  }
  reticulate::virtualenv_install(envname, packages, pip_options = pip.options)
  cli::cli_alert_success("Done. Restart R, then {.run sce2tm::sce2tm_sitrep()} says what is there.")
  invisible(reticulate::virtualenv_python(envname))
}
