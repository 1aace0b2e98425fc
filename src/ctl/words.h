/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names and paths in what a person pastes into a shell. A guest may have chosen them: what looks on the
 * terminal like another name than it is, is never put into a command.
 */

#include <glib.h>

/** words_escape: Returns: (transfer full): @text with nothing in it that a terminal takes for more than a line */
char *words_escape(const char *text);

/**
 * words_quote:
 * Returns: (transfer full) (nullable): @text as one word of a shell; NULL where it has a character that is
 *   not shown as it is
 */
char *words_quote(const char *text);

/** words_domain: Returns: (transfer full): what to call a domain in a command: its name, else its UUID */
char *words_domain(const char *name, const char *uuid);
