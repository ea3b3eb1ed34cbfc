#' Settings of the model
#'
#' Every setting that [RunSCE2TM()] hands to the model, in one place: give them to `RunSCE2TM()`
#' by name. `NULL` means what the preset says, which is the value in brackets (the published
#' model's after the bar, where it differs).
#'
#' @param n.topics Number of topics K. Time and memory grow with it; 25 to 100 are usual.
#' @param preset `"default"`, chosen by evidence, or `"paper"`, the published model.
#' @param epochs Passes over the cells. `[100, but 200 to 400 steps in all | 500]`
#' @param seed.use Seed of every random choice. The same seed, machine and number of threads give
#'   the same numbers; R's own random state is neither read nor set.
#' @param device `"auto"` (a GPU where there is one), `"cpu"`, `"cuda"` or `"mps"`.
#' @param values `"counts"`, `"lognorm"` (log-normalised: taken as they are) or `"auto"`.
#' @param n.genes Number of variable genes to model, where no `features` are given.
#'   `[2000 | 5000]`
#' @param target.sum Library size to normalise counts to; 0 for no normalisation. `[10000 | 0]`
#' @param encoder.input What the encoder reads: `"components"` (principal components, cheap) or
#'   `"genes"`. `["components" | "genes"]`
#' @param n.components Number of principal components. `[50]`
#' @param tau Temperature of the gene-topic weights: smaller is sharper. `[1 | 0.2]`
#' @param ecr.weight Weight that keeps topics apart: more gives more diverse, less coherent
#'   topics. `[100 for each 2000 genes | 100]`
#' @param distance.weight Weight that keeps the distances between cells. `[300 | 0]`
#' @param cross.view.weight Weight of the external view. `[1]`
#' @param n.neighbors Nearest neighbours in each view; used with an external view. `[15]`
#' @param batch.size Cells in a step. `[256, but all of up to 512 | 512, 2048 beyond 10000 cells]`
#' @param learning.rate Learning rate. `[0.001]`
#' @param early.stopping Hold out a tenth of the cells (at most 2,000) and end when their likelihood
#'   has not risen for 50 steps. For long schedules of your own; the default's are short.
#' @param precision `"float32"`, or `"bfloat16"`: faster where the processor has it (recent GPUs),
#'   much slower where not.
#' @param n.threads Number of CPU threads; `NULL` leaves it to PyTorch.
#' @param checkpoint File to save the training in, on its way, so that it can go on after an
#'   interrupt or a crash. A few MB, written whole or not at all; a file that is there is never
#'   replaced by another run.
#' @param checkpoint.minutes Least minutes between two savings; 0 saves after every epoch, or every
#'   50 steps or so of a longer one. `[5]`
#' @param resume Go on from the `checkpoint` file, where there is one, with the same object and
#'   settings: on a CPU the result is that of a run that was never stopped, to the last bit.
#'
#' @return A list of the settings that were given, under their Python names.
#' @references Chen et al., scE2TM: Toward Interpretable Single-Cell Embedding via Topic Modeling.
#' @examples
#' sce2tm_settings(n.topics = 20, epochs = 50)
#' @export
sce2tm_settings <- function(n.topics = 100,
                            preset = "default",
                            epochs = NULL,
                            seed.use = 0,
                            device = "auto",
                            values = "auto",
                            n.genes = NULL,
                            target.sum = NULL,
                            encoder.input = NULL,
                            n.components = NULL,
                            tau = NULL,
                            ecr.weight = NULL,
                            distance.weight = NULL,
                            cross.view.weight = NULL,
                            n.neighbors = NULL,
                            batch.size = NULL,
                            learning.rate = NULL,
                            early.stopping = FALSE,
                            precision = "float32",
                            n.threads = NULL,
                            checkpoint = NULL,
                            checkpoint.minutes = NULL,
                            resume = FALSE) {
  settings <- mget(names(formals()))
  names(settings) <- python_names(names(settings))
  Filter(Negate(is.null), settings)
}

# The settings in `...`; a name that is none of them is an error that says so.
collect_settings <- function(..., .call = rlang::caller_env()) {
  given <- list(...)
  known <- names(formals(sce2tm_settings))
  unknown <- setdiff(rlang::names2(given), known)
  if (length(unknown)) {
    unknown[unknown == ""] <- "(without a name)"
    cli::cli_abort(c(
      "Unknown argument{?s}: {.arg {unknown}}.",
      "i" = "The model's settings are {.arg {known}}; see {.help sce2tm_settings}."
    ), call = .call)
  }
  do.call(sce2tm_settings, given)
}

python_names <- function(names) {
  gsub(".", "_", sub("^seed[.]use$", "seed", names), fixed = TRUE)
}

# A message from Python, with the arguments called as in R.
in_r_words <- function(message) {
  message <- sub("fit(..., resume=True)", "the same call with resume=True", message, fixed = TRUE)
  message <- gsub("resume=True", "resume = TRUE", message, fixed = TRUE)
  for (name in names(formals(sce2tm_settings))) {
    as_argument <- paste0("\\b", python_names(name), "\\b(?=[ =(])")
    message <- gsub(as_argument, name, message, perl = TRUE)
  }
  message
}
