"""The numbers of an edition, counted at once and never kept: who registered, from where, since when."""
