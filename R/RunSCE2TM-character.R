#' @rdname RunSCE2TM
#' @export
RunSCE2TM.character <- function(object, layer = NULL, features = NULL, external = NULL,
                                engine = "auto", verbose = TRUE, ...) {
  call <- rlang::current_env()
  if (!rlang::is_string(object) || !is.null(dim(object))) {
    return(NextMethod())
  }
  if (!file.exists(object)) {
    cli::cli_abort(c(
      "{.arg object} is the path {.val {object}}, which does not exist.",
      "i" = "Check the name; R looks in {.file {getwd()}}."
    ), call = call)
  }
  settings <- collect_settings(..., .call = call)
  settings$layer <- layer
  view <- if (!is.null(external) && !is.character(external)) external_matrix(external, call)
  request <- fit_request(
    settings, call,
    path = normalizePath(object, "/"),
    features = if (!is.null(features)) I(features),
    external = if (is.null(view)) external,
    external_cells = if (!is.null(view)) I(rownames(view))
  )
  answer <- call_python(request, NULL, view, engine, verbose, call)
  new_fit(answer$arrays, answer$meta, answer$meta$cells)
}
