/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Paths and patterns of paths, as the configuration file has them: those of fnmatch(3), where "*" does not
 * go beyond a slash and not before a dot, and "DIR/" with two stars at the end, which is DIR and all below
 * it. A backslash takes from the character after it what it would mean.
 *
 * What fnmatch() would take literally because it is malformed, and what no resolved path can match, is
 * refused here: it would be a line that allows nothing, in a file whose writer thinks that it does.
 */

#include <glib.h>

/** patterns_check: whether @pattern is one of paths; @error says what to write instead. */
gboolean patterns_check(const char *pattern, GError **error);

/** patterns_check_path: the same for a path that is no pattern. */
gboolean patterns_check_path(const char *path, GError **error);

/** patterns_check_brackets: the part that also goes for patterns of names: "[" has its "]". */
gboolean patterns_check_brackets(const char *pattern, GError **error);

/**
 * patterns_name:
 * @pattern: one that patterns_check() finds right
 * @path: a resolved path
 * Whether @pattern matches @path. One with a part "." or ".." or an empty one, which could lead elsewhere,
 * is matched by nothing.
 */
gboolean patterns_name(const char *pattern, const char *path);

/**
 * patterns_quote:
 * Returns: (transfer full): the pattern that matches @path, written as an entry of a list
 */
char *patterns_quote(const char *path);
