"""What several destinations need and none of them is: words, files, mail and requests. No plugin lives here."""
