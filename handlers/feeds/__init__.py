"""What an account looks for: its feeds, their form, and the preview of one."""
