# Lets HDF5Array open groups with Debian 12's rhdf5, whose H5Dopen() gives FALSE where HDF5Array
# waits for an error: without it no TENxMatrix or H5ADMatrix can be made there.
local_hdf5_groups <- function(frame = parent.frame()) {
  namespace <- asNamespace("HDF5Array")
  set <- function(name, value) utils::assignInNamespace(name, value, namespace)
  opens <- function(open, close) {
    function(filepath, name) {
      file <- rhdf5::H5Fopen(filepath, flags = "H5F_ACC_RDONLY")
      on.exit(rhdf5::H5Fclose(file))
      id <- suppressMessages(try(open(file, name), silent = TRUE))
      if (is(id, "H5IdComponent")) close(id)
      is(id, "H5IdComponent")
    }
  }
  for (name in c("h5isdataset", "h5isgroup")) {
    old <- get(name, namespace)
    withr::defer(set(name, old), envir = frame)
  }
  set("h5isdataset", opens(rhdf5::H5Dopen, rhdf5::H5Dclose))
  set("h5isgroup", opens(rhdf5::H5Gopen, rhdf5::H5Gclose))
}

# The toy counts in an .h5ad file, by Python: as sparse cells, genes ("csc") and dense.
toy_h5ad <- function(counts, frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  utils::write.csv(t(as.matrix(counts)), file.path(folder, "cells.csv"))
  run_python(folder, c(
    "cells = sce2tm.data.readers.read('cells.csv')",
    "cells.layers['csc'] = cells.X.tocsc()",
    "cells.layers['dense'] = cells.X.toarray()",
    "cells.obsm['view'] = np.random.default_rng(0).normal(size=(cells.n_obs, 4))",
    "cells.write_h5ad('cells.h5ad')"
  ))
  file.path(folder, "cells.h5ad")
}
