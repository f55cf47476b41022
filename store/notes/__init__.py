"""What recruiters keep of people: marks, comments, favourites; and whom to tell of what is new."""
