/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Members of the object that a JsonBuilder is at. */

#include <json-glib/json-glib.h>

/** json_add_string: @value is (nullable): then there is no such member. */
void json_add_string(JsonBuilder *builder, const char *name, const char *value);
void json_add_integer(JsonBuilder *builder, const char *name, gint64 value);
void json_add_boolean(JsonBuilder *builder, const char *name, gboolean value);

/** json_add_strings: @values is (element-type utf8). */
void json_add_strings(JsonBuilder *builder, const char *name, GPtrArray *values);

/** words_add_json: adds member @name; (nullable) @value, bytes that are no UTF-8 in octal, NULL as null */
void words_add_json(JsonBuilder *builder, const char *name, const char *value);
