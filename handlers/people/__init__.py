"""What an account does to people: favourites, contacts, marks, comments, whose resumes are one person's."""
