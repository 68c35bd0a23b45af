"""`python -m dinosar`."""

from dinosar.cli import main

if __name__ == "__main__":
    main()
