collect <- function(matrix) {
  cells <- new_cells(list(matrix), NULL)
  rows <- list()
  each_block(cells, function(values, genes, lengths) {
    rows[[length(rows) + 1]] <<- list(values, genes, lengths)
  })
  all <- function(k) unlist(lapply(rows, `[[`, k))
  back <- Matrix::sparseMatrix(
    i = all(2) + 1, j = rep(seq_along(all(3)), all(3)), x = as.numeric(all(1)),
    dims = dim(matrix), dimnames = dimnames(matrix)
  )
  as.matrix(back)
}

dense <- as.matrix(toy_counts(10, 7))
dense[, 3] <- 0
dense[4, ] <- 0

test_that("every kind of matrix gives the same blocks, empty cells included", {
  sparse <- as(as(dense, "dMatrix"), "generalMatrix")
  kinds <- list(
    dense, dense + 0, as(sparse, "CsparseMatrix"), as(sparse, "RsparseMatrix"),
    as(sparse, "TsparseMatrix"), as(sparse, "unpackedMatrix")
  )
  for (kind in kinds) expect_equal(collect(kind), dense)
})

test_that("logical matrices count as zeros and ones", {
  expect_equal(collect(as(dense > 0, "CsparseMatrix")), (dense > 0) + 0)
  expect_equal(collect(dense > 0), (dense > 0) + 0)
})

test_that("a symmetric matrix is taken whole", {
  square <- crossprod(dense)
  expect_equal(collect(Matrix::forceSymmetric(as(square, "CsparseMatrix"))), square)
})

test_that("a DelayedMatrix is read by blocks", {
  skip_if_not_installed("DelayedArray")
  expect_equal(collect(DelayedArray::DelayedArray(dense)), dense)
})

test_that("cells beyond one block keep their order", {
  wide <- Matrix::sparseMatrix(
    i = rep_len(1:4, block_size + 10), j = seq_len(block_size + 10),
    x = seq_len(block_size + 10), dims = c(4, block_size + 10)
  )
  dimnames(wide) <- list(letters[1:4], seq_len(ncol(wide)))
  expect_equal(collect(wide), as.matrix(wide))
})

test_that("layers with genes of their own are placed by name", {
  one <- dense[1:6, 1:3]
  two <- dense[c(9, 2, 5), 4:7]
  cells <- new_cells(list(one, two), NULL)
  expect_equal(cells$genes, rownames(dense)[c(1:6, 9)])
  expect_equal(cells$cells, colnames(dense))
  seen <- matrix(0, 7, 0)
  each_block(cells, function(values, genes, lengths) {
    block <- matrix(0, 7, length(lengths))
    block[cbind(genes + 1, rep(seq_along(lengths), lengths))] <- values
    seen <<- cbind(seen, block)
  })
  expected <- matrix(0, 7, 7)
  expected[1:6, 1:3] <- one
  expected[c(7, 2, 5), 4:7] <- two
  expect_equal(seen, expected)
})
