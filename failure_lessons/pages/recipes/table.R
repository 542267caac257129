# every finding as a table
findings <- read.csv("BASE/api/v1/findings/?format=csv")
nrow(findings)
