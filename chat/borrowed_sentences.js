/**
 * What the admin's own scripts say and our catalogue says better; see borrowed_sentences.py.
 * Gathered by `make messages`; nothing loads this file.
 */
ngettext("%(sel)s of %(cnt)s selected", "%(sel)s of %(cnt)s selected", 2);
