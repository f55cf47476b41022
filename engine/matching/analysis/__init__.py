"""A feed to the query that is scored, and a resume to the profile that is stored.

`analyzer` is the entrance. Texts are read sentence by sentence, titles are weighed by how recent they
are, and learned relations extend the query. How many points all this earns is not decided here; see
`score`.
"""
