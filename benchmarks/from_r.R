# Memory of R while it trains on a matrix in a file, beside the size of that matrix.
#
#   Rscript benchmarks/from_r.R [TIMES] [ENGINE]
#
# The matrix: the embedded cells in an HDF5 file, bound to themselves TIMES over (36: 100,800 cells x
# 3,000 genes) without being copied. With the engine "process" (default) R alone is measured, with
# "reticulate" Python as well. Needs the installed package, HDF5Array, and Linux.
arguments <- commandArgs(TRUE)
times <- if (length(arguments) > 0) as.integer(arguments[1]) else 36L
engine <- if (length(arguments) > 1) arguments[2] else "process"

suppressPackageStartupMessages({
  library(sce2tm)
  library(HDF5Array)
})

peak <- function() {
  line <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

run <- function(counts) {
  colnames(counts) <- paste0("cell", seq_len(ncol(counts)))
  RunSCE2TM(counts, n.topics = 20, epochs = 1, engine = engine, verbose = FALSE)
}

cells <- kang_ifnb("matrix", engine = engine)
values <- length(cells@x)
cells <- writeHDF5Array(cells, with.dimnames = TRUE)
counts <- do.call(DelayedArray::cbind, rep(list(cells), times))

# once for what is loaded on the way
invisible(run(cells))
invisible(gc())
writeLines("5", "/proc/self/clear_refs")
start <- peak()
seconds <- system.time(run(counts))[["elapsed"]]
cat(sprintf(
  "%d cells x %d genes: %.0f MB dense, %.0f MB sparse; R (%.0f MB) grew by %.0f MB in %.0f s (%s)\n",
  ncol(counts), nrow(counts), 8 * prod(dim(counts)) / 1e6, 12 * values * times / 1e6,
  start, peak() - start, seconds, engine
))
