"""What the benchmark of the context engine needs: holes in repositories, ways to choose a context, and scores."""
