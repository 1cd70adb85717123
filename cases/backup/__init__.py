"""The whole casebook in one file, and back: backup, restore, and the move to another database.

One format for both databases: rows as lines of JSON, the files they name, and a manifest with the SHA-256 of
each. Passwords' hashes and the keys of the second factor are in it, or nobody could sign in afterwards: it's
to be kept as safe as the server. Sessions, the throttle's counts and SECRET_KEY are not.
"""

from .archive import Refused
from .making import Made, make
from .moving import Proof, move
from .restoring import restore

__all__ = ["Made", "Proof", "Refused", "make", "move", "restore"]
