/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration file's lines: "[GROUP]", "KEY = VALUE", comments that begin with "#", and nothing else.
 *
 * Not a GKeyFile, which looks the same: that joins groups, lets the last of two keys win, takes a comment
 * behind a value for a part of it, and keeps no lines. Each of these let a mistake in a file about what may
 * be shared pass in silence, and left the others with a message about no line.
 */

#include <glib.h>

/* To be treated as opaque but for what is said to be the current line's. */
typedef struct {
    const char *what;
    const char *at;
    const char *end;
    guint number; /* of the current line, from 1 */
    char *group;  /* (nullable): that the current line is, or is in */
    char *key;    /* (nullable): of the current line */
    char *value;  /* (nullable): of the current line, without the blanks around it */
} Lines;

typedef enum {
    LINE_GROUP,
    LINE_KEY,
    LINE_END,
    LINE_BAD,
} LineKind;

/**
 * lines_start:
 * @lines: (out): to be cleared by the caller
 * @what: the file's name, for messages
 * @text: @length bytes, which stay as long as @lines
 */
void lines_start(Lines *lines, const char *what, const char *text, gsize length);
void lines_clear(Lines *lines);

/**
 * lines_next:
 * Goes on to the next line that says something.
 * @error: where the result is LINE_BAD, what is wrong, without where
 */
LineKind lines_next(Lines *lines, GError **error);

/** lines_prefix: puts in front of @error where it was: the file, the line, [group] and key. */
void lines_prefix(const Lines *lines, GError **error);
