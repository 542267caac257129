"""What happens in the workbench: who changed what, when and why, and how to undo it."""
