"""The page for people: what a browser is shown, and the forms that come back."""
