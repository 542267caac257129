"""What is said to the database with each statement: who acts and why, and how long it may take."""
