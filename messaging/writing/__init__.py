"""From what an officer has typed to what one person reads."""
