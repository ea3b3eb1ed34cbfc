# Cells that may be larger than memory, or go to another process: raw values in three files of a
# folder, which Python reads in blocks where they lie (its StoredCells says what they hold).
store_cells <- function(folder, cells) {
  files <- file.path(folder, c("values.bin", "genes.bin", "lengths.bin"))
  sizes <- 4 * write_blocks(files, by_storage(cells))
  if (!identical(file.size(files), sizes)) {
    needed <- format(structure(sum(sizes), class = "object_size"), units = "auto")
    cli::cli_abort(c(
      "The cells need {needed} in {.file {folder}}, and were not written whole: its disk is full.",
      "i" = "Set {.envvar TMPDIR} to a folder with room and restart R, or give the path of an
             .h5ad file in place of the object."
    ), call = NULL)
  }
}

are_stored <- function(cells) !all(vapply(cells$layers, is_in_memory, NA))

# Gives how many numbers should be in each file.
write_blocks <- function(files, cells) {
  open <- lapply(files, file, "wb")
  on.exit(lapply(open, close))
  written <- c(0, 0, 0)
  each_block(cells, function(values, genes, lengths) {
    parts <- list(values, genes, lengths)
    # a full disk is a warning here and there; the sizes tell in the end
    suppressWarnings(Map(writeBin, parts, open, size = 4, endian = "little"))
    written <<- written + lengths(parts)
  })
  written
}

# A file that holds its genes one after the other, each with all cells, is read that way: every
# block of cells would need the whole of it.
is_by_gene <- function(layers) {
  layer <- layers[[1]]
  if (length(layers) > 1 || !is(layer, "DelayedArray")) {
    return(FALSE)
  }
  identical(as.numeric(DelayedArray::chunkdim(layer)), c(1, ncol(layer)))
}

by_storage <- function(cells) {
  if (!cells$by.gene) {
    return(cells)
  }
  list(layers = lapply(cells$layers, t), genes = cells$cells, cells = cells$genes)
}
