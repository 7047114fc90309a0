"""What the desk knows: articles, and the search that finds the one that answers a question."""
