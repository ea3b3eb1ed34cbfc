library(testthat)
library(sce2tm)

test_check("sce2tm")
