"""The papers of sessions. They are no part of a revision: hung up and taken down, they are so at once."""
