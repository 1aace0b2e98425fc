/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * AppArmor's patterns of paths (apparmor.d(5), "Globbing") as regular expressions of bytes.
 *
 * They say which line of a profile it is that allows something, for a person. Whether it is allowed is asked
 * of what apparmor_parser compiles, or of the kernel.
 */

#include <glib.h>

/** glob_variables_new: Returns: (transfer full): a table of "NAME" of "@{NAME}" → GPtrArray of char* */
GHashTable *glob_variables_new(void);

/** glob_variable_add: one value more of @name. */
void glob_variable_add(GHashTable *variables, const char *name, const char *value);

/**
 * glob_append:
 * @pattern: such as "@{run}/libvirt/{,**}"
 * Appends the expression that matches what @pattern does. FALSE where it has a variable without a value, or
 * one that leads to itself.
 */
gboolean glob_append(GString *expression, const char *pattern, GHashTable *variables);

/** glob_append_literal: the same of @bytes that mean themselves. */
void glob_append_literal(GString *expression, const char *bytes);

/** glob_matches: whether all of @path matches @expression. */
gboolean glob_matches(const GString *expression, const char *path);
