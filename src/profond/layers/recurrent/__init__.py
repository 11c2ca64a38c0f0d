"""Recurrent layers: a state that is carried from one time step to the next (chapter 7)."""
