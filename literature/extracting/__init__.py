"""Reading data out of the included studies by two: a form, two papers each made alone, and what is agreed of them."""
