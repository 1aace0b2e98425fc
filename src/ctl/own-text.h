/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The text of a file of own rules, as lines. Only lines that are exactly what "allow" writes are taken out by
 * "disallow": whatever an administrator has written is kept, and its order.
 */

#include "ctl/output.h"

/** own_text_header: Returns: (transfer full): how a new file begins, for the profile of @domain */
char *own_text_header(const char *domain, gboolean virtiofsd);

/**
 * own_text_add:
 * @text: (nullable): the file; NULL: there is none
 * @header: how it begins then
 * @lines: rules, a line each
 * Returns: (transfer full): @text with those of @lines at its end that it does not have
 */
char *own_text_add(const char *text, const char *header, const char *lines);

/**
 * own_text_remove:
 * Returns: (transfer full): @text without the lines of @lines
 */
char *own_text_remove(const char *text, const char *lines);

/** own_text_rules: Returns: (transfer full): the lines of @text that are no comment, trimmed; @text may be NULL */
char **own_text_rules(const char *text);

/** own_text_is_bare: whether nothing is in @text but blank lines and @header */
gboolean own_text_is_bare(const char *text, const char *header);

/**
 * own_text_diff:
 * @file: its name
 * @before, @after: (nullable): the file; NULL: there is none
 * Says which lines go ("-") and which come ("+"), in that order.
 */
void own_text_diff(Output *output, const char *file, const char *before, const char *after);
