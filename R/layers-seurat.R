# The layers of an assay as a list of genes x cells: one matrix in SeuratObject 4, where layers are
# called slots, and in SeuratObject 5 each layer of that name ("counts", or "counts.A" and
# "counts.B" of a split assay). They are neither joined nor reordered.
seurat_layers <- function(object, assay, layer, call) {
  known <- SeuratObject::Assays(object)
  if (!assay %in% known) {
    cli::cli_abort(c(
      "There is no {.arg assay} {.val {assay}}.",
      "i" = "The object has {.val {known}}."
    ), call = call)
  }
  read <- if ("LayerData" %in% getNamespaceExports("SeuratObject")) layers_v5 else layers_v4
  layers <- read(object[[assay]], layer)
  if (length(layers) == 0) {
    cli::cli_abort(c(
      "There is no {.arg layer} {.val {layer}} in assay {.val {assay}}.",
      "i" = "Usual are \"counts\" and \"data\"."
    ), call = call)
  }
  layers
}

layers_v4 <- function(assay, layer) {
  if (!layer %in% c("counts", "data", "scale.data")) {
    return(list())
  }
  matrix <- SeuratObject::GetAssayData(assay, slot = layer)
  if (ncol(matrix)) list(matrix) else list()
}

# Reached by name: SeuratObject 4 does not have them.
layers_v5 <- function(assay, layer) {
  exported <- function(name) getExportedValue("SeuratObject", name)
  names <- suppressWarnings(exported("Layers")(assay, search = layer))
  lapply(names, function(name) exported("LayerData")(assay, layer = name))
}
