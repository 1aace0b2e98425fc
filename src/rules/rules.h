/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * rules: grants → policy text. Pure: no files, no host, no kernel, no domain.
 *
 * rules_append_literal() alone turns a string that came from outside into policy text. A rule's path
 * stands in double quotes; in there the parser of apparmor.d(5) first undoes backslash escapes and then
 * reads a pattern, so that a byte which means something to either is written so that both leave it
 * alone. What a policy cannot express is an error.
 */

#include "grant/grant.h"

/**
 * rules_append_literal:
 * @out: where to append
 * @bytes: any bytes
 * @error: names @bytes, printably
 *
 * Appends the spelling that, within double quotes, matches exactly @bytes.
 */
gboolean rules_append_literal(GString *out, const char *bytes, GError **error);

/**
 * rules_render:
 * @grants: (element-type Grant)
 * @out: where to append lines, each indented by two spaces and ended by a line break
 *
 * @error: names the element that the grant comes from, its line, and the path
 *
 * In the order of @grants. A rule that @out has already, word for word, is not added again. On failure
 * @out has the rules before the bad one.
 */
gboolean rules_render(GPtrArray *grants, GString *out, GError **error);

/**
 * rules_append_missing:
 * @existing: the text of a rules file
 * @lines: lines as rules_render() makes them
 * Returns: (transfer full): @existing with those of @lines that it does not have at its end, or NULL
 *   when it has them all
 */
char *rules_append_missing(const char *existing, const char *lines);

/**
 * rules_check_size:
 * @rules: the text of a rules file
 * @error: BASE_ERROR_LIMIT
 * Fails where apparmor_parser would need too long, or too much memory, for them: see LIMIT_RULES.
 */
gboolean rules_check_size(const char *rules, GError **error);
