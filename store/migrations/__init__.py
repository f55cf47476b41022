"""What brings stored data of a release before to this one."""
