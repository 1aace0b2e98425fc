/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * "[a-z]" in a pattern of fnmatch(3), which takes one that is malformed for text, and lets one with an
 * unknown class or a range from the last to the first match nothing.
 */

#include <glib.h>

/** bracket_end: the "]" of the bracket expression at @at, which is its "["; NULL: there is none. */
const char *bracket_end(const char *at);

/**
 * bracket_check:
 * @pattern: the whole, for messages
 * @at, @end: the "[" in it, and what bracket_end() says of that
 * Whether each class and range can match something, and each character is one byte.
 */
gboolean bracket_check(const char *pattern, const char *at, const char *end, GError **error);
