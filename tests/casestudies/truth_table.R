# The truth table of a comparison in base R, written from the published definitions and apart from our Python.
# Rscript truth_table.R data.csv OUTCOME CONDITION CONDITION ... prints row,n,incl,PRI,cases
given <- commandArgs(trailingOnly = TRUE)
cases <- read.csv(given[1], row.names = 1)
stopifnot(all(sapply(cases, is.numeric)))
y <- cases[[given[2]]]
x <- as.matrix(cases[given[-(1:2)]])
weights <- 2^(rev(seq_len(ncol(x))) - 1)
line <- as.vector((x > 0.5) %*% weights) + 1
clear <- !apply(x == 0.5, 1, any)
for (row in sort(unique(line[clear]))) {
  corner <- (x > 0.5)[which(line == row & clear)[1], ]
  member <- apply(x, 1, function(values) min(ifelse(corner, values, 1 - values)))
  both <- sum(pmin(member, y))
  neither <- sum(pmin(member, y, 1 - y))
  pri <- (both - neither) / (sum(member) - neither)
  named <- paste(rownames(cases)[member > 0.5], collapse = " ")
  cat(sprintf("%d,%d,%.6f,%.6f,%s\n", row, sum(member > 0.5), both / sum(member), pri, named))
}
