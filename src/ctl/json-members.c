/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/json-members.h"

#include "ctl/words.h"

/* JSON is UTF-8, and a path is bytes: what is none is replaced, so that the document stays one. */
void
json_add_element(JsonBuilder *builder, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);

    json_builder_add_string_value(builder, valid);
}

void
json_add_string(JsonBuilder *builder, const char *name, const char *value)
{
    if (!value)
        return;
    json_builder_set_member_name(builder, name);
    json_add_element(builder, value);
}

void
json_add_integer(JsonBuilder *builder, const char *name, gint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, value);
}

void
json_add_boolean(JsonBuilder *builder, const char *name, gboolean value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
}

void
json_add_strings(JsonBuilder *builder, const char *name, GPtrArray *values)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (guint i = 0; i < values->len; i++)
        json_add_element(builder, g_ptr_array_index(values, i));
    json_builder_end_array(builder);
}

void
json_add_string_or_null(JsonBuilder *builder, const char *name, const char *value)
{
    g_autofree char *valid =
        value && !g_utf8_validate(value, -1, NULL) ? words_escape(value) : g_strdup(value);

    json_builder_set_member_name(builder, name);
    if (valid)
        json_builder_add_string_value(builder, valid);
    else
        json_builder_add_null_value(builder);
}
