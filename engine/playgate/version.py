"""The version of the package, read where it is built, too."""

__all__ = ["__version__"]

__version__ = "0.1.0"
