"""New versions of the application: looked for when asked, verified, fetched, and the way back."""
