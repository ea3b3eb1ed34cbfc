library(testthat)
library(sce2tm)

# "location" names each test as it begins
test_check("sce2tm", reporter = c("check", "location"))
