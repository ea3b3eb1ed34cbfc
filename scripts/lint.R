# Every lint of R/, tests/testthat/ and vignettes/ is printed; any is a failure.
folders <- c("R", "tests/testthat", "vignettes")
files <- list.files(folders, "[.](R|Rmd)$", full.names = TRUE)
lints <- unlist(lapply(files, function(file) as.list(lintr::lint(file))), recursive = FALSE)
for (lint in lints) print(lint)
message(length(files), " files, ", length(lints), " lints")
quit(status = as.integer(length(lints) > 0))
