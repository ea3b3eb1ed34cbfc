lines_of <- function(total) {
  sprintf('{"step": %d, "total": %d, "loss": 12.5}', seq_len(total), total)
}

test_that("without a terminal there is a line for each tenth of the way", {
  events <- event_handler(TRUE)
  shown <- testthat::capture_messages(lapply(lines_of(40), events$handle))
  expect_length(shown, 10)
  expect_match(shown[1], "Training 4/40, loss 12.5")
  expect_match(shown[10], "Training 40/40")
})

test_that("log lines are messages, other output is let go", {
  events <- event_handler(TRUE)
  expect_message(events$handle('{"log": "Values recognised as counts."}'), "recognised as counts")
  expect_silent(events$handle("some library says hello"))
  expect_silent(events$handle("3"))
})

test_that("quiet is quiet", {
  events <- event_handler(FALSE)
  expect_silent(lapply(lines_of(10), events$handle))
})

test_that("a terminal gets a bar", {
  withr::local_options(cli.dynamic = TRUE, cli.progress_show_after = 0)
  shown <- cli::cli_fmt({
    events <- event_handler(TRUE)
    lapply(lines_of(3), events$handle)
    events$close()
  })
  expect_type(shown, "character")
})
