#' Blood cells with and without interferon
#'
#' 2,800 peripheral blood cells, control (CTRL) and stimulated with interferon beta (STIM), with 13
#' cell types; UMI counts of 3,000 variable genes. Comes with the package: nothing is downloaded.
#' Python reads it, see [sce2tm_available()].
#'
#' The known answer: interferon turns on ISG15, IFI6, IFIT3, MX1 and their kind in every cell type.
#'
#' @param as What to make of it.
#' @inheritParams RunSCE2TM
#'
#' @return A Seurat object or a SingleCellExperiment with `cell_type`, `condition` and `n_counts`
#'   (UMI counts over all genes of the full set) for each cell, or a dgCMatrix of genes x cells.
#' @source Kang et al., Nature Biotechnology 36, 89-94 (2018), GSE96583; labels of SeuratData's
#'   `ifnb`, CC BY 4.0.
#' @examples
#' if (sce2tm_available()) {
#'   kang_ifnb("matrix")[1:3, 1:3]
#' }
#' @export
kang_ifnb <- function(as = c("Seurat", "SingleCellExperiment", "matrix"), engine = "auto") {
  as <- match.arg(as)
  check_requires("kang_ifnb()", switch(as,
    Seurat = "SeuratObject",
    SingleCellExperiment = c("SingleCellExperiment", "S4Vectors")
  ))
  answer <- call_python(list(task = "example"), engine = engine, verbose = FALSE)
  counts <- new("dgCMatrix",
    x = as.numeric(answer$arrays$values), i = as.integer(answer$arrays$genes),
    p = as.integer(answer$arrays$pointers),
    Dim = c(length(answer$meta$genes), length(answer$meta$cells)),
    Dimnames = list(answer$meta$genes, answer$meta$cells)
  )
  cells <- cell_table(answer)
  switch(as,
    Seurat = SeuratObject::CreateSeuratObject(counts, project = "kang", meta.data = cells),
    SingleCellExperiment = SingleCellExperiment::SingleCellExperiment(
      list(counts = counts),
      colData = S4Vectors::DataFrame(cells)
    ),
    matrix = counts
  )
}

# Codes and levels, not a data frame, came over: the automatic conversion corrupts missing values.
cell_table <- function(answer) {
  arrays <- answer$arrays[startsWith(names(answer$arrays), "obs_")]
  names(arrays) <- sub("^obs_", "", names(arrays))
  column <- function(values, name) {
    levels <- answer$meta$levels[[name]]
    if (is.null(levels)) return(as.numeric(values))
    factor(levels[ifelse(values < 0, NA, values) + 1L], levels)
  }
  data.frame(Map(column, arrays, names(arrays)), row.names = answer$meta$cells)
}
