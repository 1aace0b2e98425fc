/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Patterns of paths and names, as the configuration file has them: those of fnmatch(3), where "*" in a path
 * does not go beyond a slash and not before a dot, and "DIR/" with two stars at the end, which is DIR and
 * all below it. A backslash takes from the character after it what it would mean. They match bytes, whoever
 * runs the helper: which characters a range has, and whether "?" is a whole one, would be up to the locale.
 *
 * What fnmatch() would take literally because it is malformed, what no resolved path can match, and what
 * elsewhere stands between two paths, is refused: it would be a line that allows nothing, in a file whose
 * writer thinks that it does.
 */

#include <glib.h>

/** patterns_check: whether @pattern is one of paths; @error says what to write instead. */
gboolean patterns_check(const char *pattern, GError **error);

/** patterns_check_name: the same for patterns of VMs' names. */
gboolean patterns_check_name(const char *pattern, GError **error);

/**
 * patterns_read_path:
 * Returns: (transfer full): the one file that @text, written as a pattern, means; NULL with @error for more
 *   than one
 */
char *patterns_read_path(const char *text, GError **error);

/**
 * patterns_name:
 * @pattern: one that patterns_check() finds right
 * @path: a resolved path
 * Whether @pattern matches @path. One with a part "." or ".." or an empty one, which could lead elsewhere,
 * is matched by nothing.
 */
gboolean patterns_name(const char *pattern, const char *path);

/** patterns_name_vm: whether @pattern, which patterns_check_name() finds right, matches @name. */
gboolean patterns_name_vm(const char *pattern, const char *name);

/**
 * patterns_quote:
 * Returns: (transfer full) (nullable): the pattern that matches @path, written as an entry of a list, all of
 *   it visible; NULL where no pattern can match it
 */
char *patterns_quote(const char *path);
