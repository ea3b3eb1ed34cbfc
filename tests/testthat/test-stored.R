skip_if_not_installed("DelayedArray")

test_that("every matrix in an HDF5 file gives the numbers of the one in memory", {
  skip_if_not_installed("HDF5Array")
  skip_if_no_python()
  local_hdf5_groups()
  counts <- toy_counts()
  file <- withr::local_tempfile(fileext = ".h5")
  h5ad <- toy_h5ad(counts)
  write <- function(name, ...) {
    HDF5Array::writeHDF5Array(as.matrix(counts), file, name, with.dimnames = TRUE, ...)
  }
  tenx <- suppressWarnings(HDF5Array::writeTENxMatrix(counts, file, group = "tenx"))
  dense <- write("dense")
  matrices <- list(
    tenx, dense, write("sparse", as.sparse = TRUE), HDF5Array::H5ADMatrix(h5ad),
    # genes one after the other
    HDF5Array::H5ADMatrix(h5ad, layer = "csc"), write("rows", chunkdim = c(1L, ncol(counts))),
    HDF5Array::H5ADMatrix(h5ad, layer = "dense"),
    # delayed operations
    (dense[120:1, ] * 2)[120:1, ] / 2, DelayedArray::cbind(tenx[, 1:20], dense[, 21:60])
  )
  withr::defer(suppressMessages(DelayedArray::setAutoBlockSize()))
  # blocks of 7 cells or of 14 genes
  suppressMessages(DelayedArray::setAutoBlockSize(8 * 120 * 7))
  expected <- numbers(quick_run(counts))
  for (matrix in matrices) expect_identical(numbers(quick_run(matrix)), expected)
  expected <- numbers(quick_run(counts, engine = "process"))
  # by cells, by genes, delayed
  for (matrix in matrices[c(1, 5, 8)]) {
    expect_identical(numbers(quick_run(matrix, engine = "process")), expected)
  }
})

test_that("a SingleCellExperiment on a file, a view and features give the same too", {
  skip_if_not_installed("HDF5Array")
  skip_if_not_installed("SingleCellExperiment")
  skip_if_no_python()
  counts <- toy_counts()
  file <- withr::local_tempfile(fileext = ".h5")
  late <- HDF5Array::writeHDF5Array(as.matrix(counts), file, "counts")
  dimnames(late) <- dimnames(counts)
  run <- function(counts) {
    object <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    quick_run(object,
      features = rownames(counts)[11:70], external = toy_view(toy_counts()), n.neighbors = 5
    )
  }
  expect_identical(numbers(run(late)), numbers(run(counts)))
})

test_that("only genes one after the other are read by genes", {
  counts <- toy_counts()
  expect_false(is_by_gene(list(counts)))
  late <- DelayedArray::DelayedArray(counts)
  expect_false(is_by_gene(list(late)))
  skip_if_not_installed("HDF5Array")
  file <- withr::local_tempfile(fileext = ".h5")
  write <- function(name, chunk) {
    HDF5Array::writeHDF5Array(as.matrix(counts), file, name, chunkdim = chunk)
  }
  expect_true(is_by_gene(list(write("genes", c(1L, 60L)))))
  expect_false(is_by_gene(list(write("cells", c(120L, 1L)))))
  expect_false(is_by_gene(list(write("both", c(12L, 6L)))))
})

test_that("a file that went away is an error that says so", {
  skip_if_not_installed("HDF5Array")
  skip_if_no_python()
  file <- withr::local_tempfile(fileext = ".h5")
  write <- function(...) HDF5Array::writeHDF5Array(as.matrix(toy_counts()), file, ...)
  late <- write("x", with.dimnames = TRUE)
  named <- write("y")
  dimnames(named) <- dimnames(toy_counts())
  unlink(file)
  before <- list.files(tempdir(), "^sce2tm-")
  expect_error(quick_run(late), "<HDF5Matrix> of genes x cells cannot be read.*stay where they")
  for (engine in c("reticulate", "process")) {
    expect_error(
      quick_run(named, engine = engine), "<DelayedMatrix> of genes x cells cannot be read"
    )
  }
  expect_equal(list.files(tempdir(), "^sce2tm-"), before)
})

test_that("a full disk is an error that says where room is needed", {
  skip_if_not(file.exists("/dev/full"), "no /dev/full here")
  folder <- withr::local_tempdir()
  file.symlink("/dev/full", file.path(folder, "values.bin"))
  cells <- new_cells(list(toy_counts()), NULL)
  # R warns that this is no regular file
  expect_error(
    suppressWarnings(store_cells(folder, cells)), "not written whole: its disk is full.*TMPDIR"
  )
})

test_that("letters in a file are no numbers", {
  letters <- DelayedArray::DelayedArray(matrix(c("a", "b"), 1))
  expect_error(RunSCE2TM(letters), "holds no numbers.*DelayedMatrix")
})

test_that("a package that the matrix needs is named", {
  far <- structure(list(), class = structure("FarMatrix", package = "no.such.package"))
  expect_error(RunSCE2TM(far), "Reading a <FarMatrix> needs the package no.such.package")
})

# What R grows by, in MB, while it writes the cells to files; the peak is reset before.
growth <- function(make) {
  code <- c(
    "suppressPackageStartupMessages(library(sce2tm))",
    "mb <- function(key) {",
    "  line <- grep(key, readLines('/proc/self/status'), value = TRUE)",
    "  as.numeric(gsub('[^0-9]', '', line)) / 1024",
    "}",
    make,
    "folder <- tempfile()",
    "dir.create(folder)",
    "dimnames(x) <- list(seq_len(nrow(x)), seq_len(ncol(x)))",
    # once for what is loaded on the way
    "sce2tm:::store_cells(folder, sce2tm:::new_cells(list(x[, 1:2]), NULL))",
    "cells <- sce2tm:::new_cells(list(x), NULL)",
    "invisible(gc())",
    "writeLines('5', '/proc/self/clear_refs')",
    "start <- mb('VmHWM')",
    "sce2tm:::store_cells(folder, cells)",
    "cat('grown', mb('VmHWM') - start)"
  )
  out <- run_in_child(code)
  expect_match(out, "grown [0-9.]+$")
  as.numeric(sub(".*grown ", "", out))
}

test_that("a matrix in a file is never in memory whole", {
  skip_if_not_installed("HDF5Array")
  skip_if_not(file.exists("/proc/self/clear_refs"), "memory is read in /proc")
  # 2,000 x 50,000: 381 MB of integers in a file that holds but zeros and so is small
  make <- c(
    "suppressPackageStartupMessages(library(HDF5Array))",
    "file <- tempfile(fileext = '.h5')",
    "invisible(rhdf5::h5createFile(file))",
    "invisible(rhdf5::h5createDataset(",
    "  file, 'x', c(2000, 50000), storage.mode = 'integer', chunk = c(2000, 100)",
    "))",
    "x <- HDF5Array(file, 'x')",
    "suppressMessages(setAutoBlockSize(1e7))"
  )
  expect_lt(growth(make), 150)
})

test_that("a sparse matrix in memory is never dense", {
  skip_if_not(file.exists("/proc/self/clear_refs"), "memory is read in /proc")
  # 20,000 x 20,000, 2 million values: dense 3 GB, sparse 23 MB
  make <- c(
    "x <- new('dgCMatrix', x = rep(1, 2e6), i = rep(seq(0L, 19999L, 200L), 20000),",
    "  p = seq(0L, 2000000L, 100L), Dim = c(20000L, 20000L))"
  )
  expect_lt(growth(make), 60)
})
