/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a profile is compiled of besides its own text: all that it includes, at any depth, the parser and its
 * configuration. Who edits an abstraction has another policy at the next call, as with a compiler that is
 * always run.
 */

#include <glib.h>

/* Its own configuration, where nobody says another one. */
#define INCLUDES_PARSER_CONFIGURATION "/etc/apparmor/parser.conf"

typedef struct {
    const char *path;          /* of the program */
    const char *configuration; /* of its file, which need not be there */
} IncludesParser;

/**
 * includes_digest:
 * @text: of a profile
 * @dirs: NULL-terminated: where the parser looks for what is included
 * @parser: what compiles it
 *
 * By content, as times of files tell too little. What might be included counts as if it was: what stands in a
 * comment, what several of @dirs have, what the parser would pass over in a directory.
 *
 * Returns: (transfer full) (nullable): the same for the same, another for anything else; NULL where that cannot
 *   be told: something that may not be read, is no file, or is more than a limit
 */
char *includes_digest(const char *text, const char *const *dirs, const IncludesParser *parser);
