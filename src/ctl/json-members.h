/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Members of the object, and elements of the array, that a JsonBuilder is at. JSON is UTF-8, and a path, a rule
 * or a message that has one is bytes: so what comes from outside comes by these, and not by the builder's own
 * function.
 */

#include <json-glib/json-glib.h>

/** json_add_element: @value as an element of an array; bytes that are no UTF-8 are replaced. */
void json_add_element(JsonBuilder *builder, const char *value);

/** json_add_string: likewise as member @name; @value is (nullable): then there is no such member. */
void json_add_string(JsonBuilder *builder, const char *name, const char *value);
void json_add_integer(JsonBuilder *builder, const char *name, gint64 value);
void json_add_boolean(JsonBuilder *builder, const char *name, gboolean value);

/** json_add_strings: @values is (element-type utf8). */
void json_add_strings(JsonBuilder *builder, const char *name, GPtrArray *values);

/** json_add_string_or_null: adds member @name; (nullable) @value, bytes that are no UTF-8 in octal, NULL as null */
void json_add_string_or_null(JsonBuilder *builder, const char *name, const char *value);
