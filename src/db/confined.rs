//! Is a statement confined to one organization? Asked of every one of ours, in tests, of its parse tree.
