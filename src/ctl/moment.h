/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Points in time: milliseconds since 1970-01-01 UTC, as the kernel's audit records have them. */

#include <json-glib/json-glib.h>

/** moment_now: */
gint64 moment_now(void);

/**
 * moment_parse:
 * @text: "2026-01-31", "2026-01-31 13:45", "2026-01-31 13:45:10" of this host's time zone, "today",
 *   "yesterday", or a time back from now: a number and s, min, h, d or w, as in "90min" or "2 h"
 * @moment: (out)
 * Returns: FALSE with @error set for everything else
 */
gboolean moment_parse(const char *text, gint64 *moment, GError **error);

/** moment_text: Returns: (transfer full): "2026-01-31 13:45:10", of this host's time zone */
char *moment_text(gint64 moment);

/** moment_add_json: adds member @name to the object that @builder is in: "2026-01-31T12:45:10Z". */
void moment_add_json(JsonBuilder *builder, const char *name, gint64 moment);
