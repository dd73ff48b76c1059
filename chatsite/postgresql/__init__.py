"""Django's PostgreSQL, made to say soon that nobody answers, and to be back soon after."""
